use kube_schema::{Crd, CrdVersion, Schema, Type};
use serde_json::Value;
use std::collections::BTreeMap;

/// A kind at one version, as samples are made of it.
#[derive(Debug)]
pub struct Kind<'c> {
    /// The definition.
    pub crd: &'c Crd,
    /// The version.
    pub version: &'c CrdVersion,
    /// The version's schema, with what every resource has: `apiVersion`, `kind`
    /// and a name.
    pub schema: Schema,
}

impl<'c> Kind<'c> {
    /// Every version that is served.
    pub fn all(crds: &'c [Crd]) -> Vec<Self> {
        let served = |crd: &'c Crd| crd.versions.iter().filter(|version| version.served);
        crds.iter()
            .flat_map(|crd| served(crd).map(|version| Self::new(crd, version)))
            .collect()
    }

    fn new(crd: &'c Crd, version: &'c CrdVersion) -> Self {
        let mut schema = version.schema.clone();
        let declared = schema.properties.remove("metadata");
        let api_version = Self::api_version_of(crd, version);
        schema.properties.extend([
            ("apiVersion".to_owned(), Box::new(only(&api_version))),
            ("kind".to_owned(), Box::new(only(&crd.names.kind))),
            ("metadata".to_owned(), Box::new(metadata(declared))),
        ]);
        for name in ["apiVersion", "kind", "metadata"] {
            if !schema.required.iter().any(|required| required == name) {
                schema.required.push(name.to_owned());
            }
        }
        Self {
            crd,
            version,
            schema,
        }
    }

    fn api_version_of(crd: &Crd, version: &CrdVersion) -> String {
        format!("{}/{}", crd.group, version.name)
    }

    /// `traps.example.org/v1`.
    pub fn api_version(&self) -> String {
        Self::api_version_of(self.crd, self.version)
    }

    /// `nullables.traps.example.org/v1`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.crd.name(), self.version.name)
    }
}

fn text() -> Schema {
    Schema {
        value_type: Some(Type::String),
        ..Schema::default()
    }
}

fn only(value: &str) -> Schema {
    Schema {
        enumeration: Some(vec![Value::from(value)]),
        ..text()
    }
}

/// A name that every kind may have, within what the definition says of it.
fn metadata(declared: Option<Box<Schema>>) -> Schema {
    let declared = declared.and_then(|mut schema| schema.properties.remove("name"));
    let name = Schema {
        min_length: Some(1),
        max_length: Some(63),
        pattern: Some("^[a-z]([-a-z0-9]*[a-z0-9])?$".to_owned()),
        all_of: declared.into_iter().map(|name| *name).collect(),
        ..text()
    };
    Schema {
        value_type: Some(Type::Object),
        required: vec!["name".to_owned()],
        properties: BTreeMap::from([("name".to_owned(), Box::new(name))]),
        ..Schema::default()
    }
}

use crate::crd::{Conversion, Crd, CrdVersion, Names, Origin, Scope, Webhook};
use crate::document::{
    self, ConversionDocument, Document, Kind, NamesDocument, Spec, Status, Strategy, Version,
};
use crate::names::Rule;
use crate::{Error, Spot, xrd};
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads every CRD and XRD in `paths`: files, or folders that are searched for
/// `.yaml`, `.yml` and `.json`. The result is sorted by group, kind and version,
/// so that it does not depend on the order of the arguments.
///
/// # Errors
/// The first thing that is wrong, by file name.
pub fn read_crds<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<Crd>, Error> {
    let mut crds = Vec::new();
    for_each_crd(paths, |crd| -> Result<(), Error> {
        crds.push(crd);
        Ok(())
    })?;
    crds.sort_by(|a, b| (&a.group, &a.names.kind).cmp(&(&b.group, &b.names.kind)));
    Ok(crds)
}

/// Hands every CRD and XRD of `paths` to `take`, by file name; keeps of each no
/// more than its name, so that what is read at once is a file. Whether there is
/// one, and none twice, is known at the end.
///
/// # Errors
/// The first thing that is wrong, by file name, here or in `take`.
pub fn for_each_crd<P: AsRef<Path>, E: From<Error>>(
    paths: &[P],
    mut take: impl FnMut(Crd) -> Result<(), E>,
) -> Result<(), E> {
    let mut named = Vec::new();
    for path in files(paths)? {
        for crd in parse_crds(&path.to_string_lossy(), &read(&path)?)? {
            named.extend(Named::all(&crd));
            take(crd)?;
        }
    }
    if named.is_empty() {
        let searched: Vec<_> = paths
            .iter()
            .map(|path| path.as_ref().display().to_string())
            .collect();
        let paths = searched.join(", ");
        return Err(Error::Nothing { paths }.into());
    }
    Ok(reject_duplicates(named)?)
}

/// Reads every CRD and XRD in the text of one file; `file` is for messages.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse_crds(file: &str, text: &str) -> Result<Vec<Crd>, Error> {
    let mut crds = Vec::new();
    for document in document::parse(file, text)? {
        crds.extend(read_spanned(file, document)?);
    }
    Ok(crds)
}

pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|source| unreadable(path, source))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let before = &bytes[..at];
        let line_start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |end| end + 1);
        let spot = Spot {
            file: path.to_string_lossy().into_owned(),
            line: before.iter().filter(|b| **b == b'\n').count() + 1,
            column: String::from_utf8_lossy(&before[line_start..])
                .chars()
                .count()
                + 1,
        };
        let byte = bytes.get(at).copied().unwrap_or_default();
        Error::NotUtf8 { spot, byte }
    })
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Unreadable {
        path: path.display().to_string(),
        source,
    }
}

/// The files to read, sorted, each once.
pub(crate) fn files<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let metadata = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
        if !metadata.is_dir() {
            found.push(path.to_owned());
            continue;
        }
        for entry in walkdir::WalkDir::new(path).follow_links(true) {
            let entry = entry.map_err(|error| unreadable(path, error.into()))?;
            if entry.file_type().is_file() && holds_yaml(entry.path()) {
                found.push(entry.into_path());
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn holds_yaml(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml" | "json"))
}

/// A document, or each item of a list, as `kubectl get crds -o yaml` prints them.
fn read_spanned(file: &str, document: Spanned<Document>) -> Result<Vec<Crd>, Error> {
    let spot = Spot::new(file, document.referenced);
    let mut document = document.value;
    let Some(items) = document.items.take().filter(|_| document.is_list()) else {
        return read_document(file, spot, document);
    };
    let mut crds = Vec::new();
    for item in items {
        crds.extend(read_spanned(file, item)?);
    }
    Ok(crds)
}

fn read_document(file: &str, spot: Spot, document: Document) -> Result<Vec<Crd>, Error> {
    let kind = Kind::of(document.api_version.as_deref(), document.kind.as_deref());
    let named = document.metadata.and_then(|metadata| metadata.name);
    let name = named.unwrap_or_else(|| "the definition".to_owned());
    match kind {
        Kind::Other => {
            let found =
                document::describe(document.api_version.as_deref(), document.kind.as_deref());
            Err(Error::NotACrd { spot, found })
        }
        Kind::OldCrd => Err(Error::OldApi { spot, name }),
        Kind::Crd | Kind::XrdV1 | Kind::XrdV2 => Definition {
            file,
            spot,
            name,
            kind,
        }
        .read(
            document.spec.unwrap_or_default(),
            document.status.unwrap_or_default(),
        ),
    }
}

/// One definition while it is read.
struct Definition<'a> {
    file: &'a str,
    spot: Spot,
    name: String,
    kind: Kind,
}

impl Definition<'_> {
    fn read(self, mut spec: Spec, status: Status) -> Result<Vec<Crd>, Error> {
        let group = spec
            .group
            .take()
            .ok_or_else(|| self.missing("spec.group"))?;
        self.check_name(&self.spot, "spec.group", &group, Rule::Subdomain)?;
        let names = self.names(spec.names.take(), "spec.names.kind")?;
        let versions = self.versions(spec.versions.take())?;
        let crd = Crd {
            group,
            names,
            scope: scope(spec.scope.as_deref()),
            versions,
            conversion: spec.conversion.take().map(conversion).unwrap_or_default(),
            preserve_unknown_fields: spec.preserve_unknown_fields.unwrap_or(false),
            stored_versions: sorted(status.stored_versions),
            origin: Origin::Crd,
            spot: self.spot.clone(),
        };
        if self.kind == Kind::Crd {
            return Ok(vec![crd]);
        }
        let claim = match spec.claim_names.take() {
            Some(names) => Some(self.names(Some(names), "spec.claimNames.kind")?),
            None => None,
        };
        let machinery = xrd::Machinery::of(self.kind, &spec);
        Ok(xrd::definitions(crd, claim, &machinery))
    }

    fn names(&self, names: Option<NamesDocument>, field: &'static str) -> Result<Names, Error> {
        let names = names.unwrap_or_default();
        let kind = names.kind.ok_or_else(|| self.missing(field))?;
        let plural = names
            .plural
            .unwrap_or_else(|| format!("{}s", kind.to_lowercase()));
        self.check_name(&self.spot, field, &kind, Rule::Kind)?;
        self.check_name(&self.spot, "spec.names.plural", &plural, Rule::Label)?;
        Ok(Names {
            singular: names.singular.unwrap_or_else(|| kind.to_lowercase()),
            list_kind: names.list_kind.unwrap_or_else(|| format!("{kind}List")),
            short_names: sorted(names.short_names),
            categories: sorted(names.categories),
            kind,
            plural,
        })
    }

    fn versions(&self, versions: Option<Vec<Spanned<Version>>>) -> Result<Vec<CrdVersion>, Error> {
        let versions = versions.unwrap_or_default();
        if versions.is_empty() {
            return Err(self.missing("spec.versions"));
        }
        versions
            .into_iter()
            .map(|version| self.version(version))
            .collect()
    }

    fn version(&self, version: Spanned<Version>) -> Result<CrdVersion, Error> {
        let spot = Spot::new(self.file, version.referenced);
        let version = version.value;
        let name = version
            .name
            .ok_or_else(|| self.missing("spec.versions[].name"))?;
        self.check_name(&spot, "spec.versions[].name", &name, Rule::Label)?;
        let schema = version.schema.and_then(|schema| schema.open_api);
        let schema = schema.ok_or_else(|| Error::NoSchema {
            spot: spot.clone(),
            name: self.name.clone(),
            version: name.clone(),
        })?;
        if let Some((mark, target)) = schema.0.find_reference() {
            return Err(Error::Reference {
                spot: Spot {
                    line: mark.line,
                    column: mark.column,
                    ..spot
                },
                name: self.name.clone(),
                target: target.to_owned(),
            });
        }
        let selectable = version.selectable_fields.unwrap_or_default();
        let paths = selectable.into_iter().map(|field| field.json_path);
        Ok(CrdVersion {
            name,
            served: version.served.unwrap_or(false),
            storage: version.storage.or(version.referenceable).unwrap_or(false),
            deprecated: version.deprecated.unwrap_or(false),
            deprecation_warning: version.deprecation_warning,
            subresources: version.subresources.unwrap_or_default(),
            printer_columns: version.additional_printer_columns.unwrap_or_default(),
            selectable_fields: sorted(Some(paths.collect())),
            schema: schema.0,
            spot,
        })
    }

    fn check_name(
        &self,
        spot: &Spot,
        field: &'static str,
        value: &str,
        rule: Rule,
    ) -> Result<(), Error> {
        if rule.allows(value) {
            return Ok(());
        }
        Err(Error::BadName {
            spot: spot.clone(),
            name: self.name.clone(),
            field,
            value: value.to_owned(),
            rule: rule.words(),
        })
    }

    fn missing(&self, field: &'static str) -> Error {
        Error::Missing {
            spot: self.spot.clone(),
            name: self.name.clone(),
            field,
        }
    }
}

fn scope(scope: Option<&str>) -> Scope {
    match scope {
        Some("Namespaced") => Scope::Namespaced,
        _ => Scope::Cluster,
    }
}

fn conversion(document: ConversionDocument) -> Conversion {
    if document.strategy == Strategy::None {
        return Conversion::None;
    }
    let webhook = document.webhook.unwrap_or_default();
    let client = webhook.client_config.unwrap_or_default();
    Conversion::Webhook(Webhook {
        ca_bundle: client.ca_bundle.clone(),
        client: client.place(),
        review_versions: webhook.conversion_review_versions.unwrap_or_default(),
    })
}

/// A list whose order says nothing.
fn sorted(list: Option<Vec<String>>) -> Vec<String> {
    let mut list = list.unwrap_or_default();
    list.sort();
    list.dedup();
    list
}

/// A version of a kind, and where it is defined.
struct Named {
    group: String,
    kind: String,
    version: String,
    spot: Spot,
}

impl Named {
    fn all(crd: &Crd) -> impl Iterator<Item = Self> {
        crd.versions.iter().map(|version| Self {
            group: crd.group.clone(),
            kind: crd.names.kind.clone(),
            version: version.name.clone(),
            spot: version.spot.clone(),
        })
    }
}

fn reject_duplicates(mut named: Vec<Named>) -> Result<(), Error> {
    named.sort_by(|a, b| (&a.group, &a.kind).cmp(&(&b.group, &b.kind)));
    let mut seen: BTreeMap<(&str, &str, &str), &Spot> = BTreeMap::new();
    for one in &named {
        let key = (one.group.as_str(), one.version.as_str(), one.kind.as_str());
        if let Some(first) = seen.insert(key, &one.spot) {
            return Err(Error::Duplicate {
                spot: one.spot.clone(),
                kind: one.kind.clone(),
                api_version: format!("{}/{}", one.group, one.version),
                first: first.clone(),
            });
        }
    }
    Ok(())
}

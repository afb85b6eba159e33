use crate::{Resource, ResourceId};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Which resources are meant: those that have all that is given. Nothing given
/// means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// `group/version`, exactly.
    pub api_version: Option<String>,
    /// The kind, exactly.
    pub kind: Option<String>,
    /// The namespace, exactly.
    pub namespace: Option<String>,
    /// The name, exactly.
    pub name: Option<String>,
    /// Labels that it has at least.
    pub labels: BTreeMap<String, String>,
}

impl Selector {
    /// Whether the resource is meant.
    pub fn matches(&self, resource: &Resource) -> bool {
        let ResourceId {
            api_version,
            kind,
            namespace,
            name,
            composed_as: _,
        } = &resource.id;
        let is = |wanted: &Option<String>, actual: Option<&String>| {
            wanted.as_ref().is_none_or(|wanted| actual == Some(wanted))
        };
        is(&self.api_version, Some(api_version))
            && is(&self.kind, Some(kind))
            && is(&self.namespace, namespace.as_ref())
            && is(&self.name, name.as_ref())
            && self.has_labels(&resource.value)
    }

    fn has_labels(&self, value: &Value) -> bool {
        let labels = value.pointer("/metadata/labels");
        self.labels.iter().all(|(key, wanted)| {
            labels
                .and_then(|labels| labels.get(key))
                .and_then(Value::as_str)
                == Some(wanted)
        })
    }

    /// Why nothing was found: what came nearest, in a sentence.
    ///
    /// Resources of the same kind come first; without any, the kinds that are there.
    pub fn explain_none<'r>(&self, resources: impl IntoIterator<Item = &'r Resource>) -> String {
        let resources: Vec<&Resource> = resources.into_iter().collect();
        if resources.is_empty() {
            return "there are no resources at all".to_owned();
        }
        let Some(kind) = &self.kind else {
            return format!("there is no {self}; there {}", self.listed(&resources));
        };
        let near: Vec<&Resource> = resources
            .iter()
            .copied()
            .filter(|resource| resource.id.kind == *kind)
            .collect();
        if near.is_empty() {
            return no_kind(kind, &resources);
        }
        format!(
            "there is no {self}; of kind {kind} there {}",
            self.listed(&near)
        )
    }

    /// `are: a, b`, with labels where labels are asked for.
    fn listed(&self, near: &[&Resource]) -> String {
        let verb = if near.len() == 1 { "is" } else { "are" };
        let names: Vec<String> = near
            .iter()
            .map(|resource| self.describe(resource))
            .collect();
        let shown = 8.min(names.len());
        let more = names.len() - shown;
        let tail = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        format!("{verb}: {}{tail}", names[..shown].join(", "))
    }

    fn describe(&self, resource: &Resource) -> String {
        if self.labels.is_empty() {
            return resource.id.to_string();
        }
        let none = Value::Object(serde_json::Map::new());
        let labels = resource.value.pointer("/metadata/labels").unwrap_or(&none);
        format!("{} with labels {labels}", resource.id)
    }
}

fn no_kind(kind: &str, resources: &[&Resource]) -> String {
    let mut kinds: Vec<&str> = resources.iter().map(|r| r.id.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let nearest = diagnostics::suggest::nearest(kind, kinds.iter().copied());
    let question = nearest
        .map(|near| format!("; did you mean {near}?"))
        .unwrap_or_default();
    format!(
        "there is no {kind} at all; the kinds are: {}{question}",
        kinds.join(", ")
    )
}

/// `2 resources`, `1 resource`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// `Droplet web (compute.example.org/v1alpha1) with labels {"a":"b"}`, `resource web`, or
/// `every resource`.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str("every resource");
        }
        let mut parts = vec![
            self.kind
                .clone()
                .unwrap_or_else(|| "any resource".to_owned()),
        ];
        match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => parts.push(format!("{namespace}/{name}")),
            (Some(namespace), None) => parts.push(format!("in namespace {namespace}")),
            (None, Some(name)) => parts.push(name.clone()),
            (None, None) => {}
        }
        parts.extend(
            self.api_version
                .as_ref()
                .map(|version| format!("({version})")),
        );
        if !self.labels.is_empty() {
            let labels: Vec<String> = self
                .labels
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            parts.push(format!("with labels {}", labels.join(",")));
        }
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_text;

    fn resources() -> Vec<Resource> {
        read_text(
            "f",
            "{items: [
              {apiVersion: c/v1, kind: Droplet, metadata: {name: web, labels: {app: x, tier: f}}},
              {apiVersion: c/v2, kind: Droplet, metadata: {name: db, namespace: ns}},
              {apiVersion: v1, kind: Secret, metadata: {name: web}}]}",
        )
        .unwrap()
    }

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn all_that_is_given_must_hold() {
        let labels = |k: &str, v: &str| BTreeMap::from([(k.to_owned(), v.to_owned())]);
        let cases = [
            (Selector::default(), 3),
            (
                Selector {
                    kind: text("Droplet"),
                    ..Selector::default()
                },
                2,
            ),
            (
                Selector {
                    name: text("web"),
                    ..Selector::default()
                },
                2,
            ),
            (
                Selector {
                    api_version: text("c/v1"),
                    ..Selector::default()
                },
                1,
            ),
            (
                Selector {
                    namespace: text("ns"),
                    ..Selector::default()
                },
                1,
            ),
            (
                Selector {
                    namespace: text(""),
                    ..Selector::default()
                },
                0,
            ),
            (
                Selector {
                    labels: labels("app", "x"),
                    ..Selector::default()
                },
                1,
            ),
            (
                Selector {
                    labels: labels("app", "y"),
                    ..Selector::default()
                },
                0,
            ),
            (
                Selector {
                    kind: text("Secret"),
                    name: text("db"),
                    ..Selector::default()
                },
                0,
            ),
        ];
        for (selector, expected) in cases {
            let found = resources().iter().filter(|r| selector.matches(r)).count();
            assert_eq!(found, expected, "{selector}");
        }
    }

    #[test]
    fn an_empty_selection_names_what_is_there() {
        let select = |kind: Option<String>| Selector {
            kind,
            name: text("x"),
            ..Selector::default()
        };
        assert_eq!(
            select(text("Droplet")).explain_none(&resources()),
            "there is no Droplet x; of kind Droplet there are: Droplet web (c/v1), Droplet ns/db (c/v2)"
        );
        assert_eq!(
            select(text("Droplte")).explain_none(&resources()),
            "there is no Droplte at all; the kinds are: Droplet, Secret; did you mean Droplet?"
        );
        assert_eq!(
            select(None).explain_none(&[]),
            "there are no resources at all"
        );
        let labelled = Selector {
            kind: text("Secret"),
            labels: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            ..Selector::default()
        };
        assert_eq!(
            labelled.explain_none(&resources()),
            "there is no Secret with labels a=b; of kind Secret there is: Secret web (v1) with labels {}"
        );
    }
}

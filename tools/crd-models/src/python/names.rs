//! Modules, classes and fields as cloudcoil names them: modules as its release
//! 0.5.8 (the group's parts reversed into folders), classes by their path as 0.8.

use std::collections::BTreeSet;

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// What pydantic's models and the builders offer, and a field must not hide.
const MODEL_ATTRIBUTES: [&str; 31] = [
    "builder",
    "construct",
    "copy",
    "dict",
    "from_orm",
    "json",
    "list_builder",
    "model_computed_fields",
    "model_config",
    "model_construct",
    "model_copy",
    "model_dump",
    "model_dump_json",
    "model_extra",
    "model_fields",
    "model_fields_set",
    "model_json_schema",
    "model_parametrized_name",
    "model_post_init",
    "model_rebuild",
    "model_validate",
    "model_validate_json",
    "model_validate_strings",
    "new",
    "parse_file",
    "parse_obj",
    "parse_raw",
    "schema",
    "schema_json",
    "update_forward_refs",
    "validate",
];

/// What cloudcoil's resources offer beyond that.
const RESOURCE_ATTRIBUTES: [&str; 31] = [
    "async_create",
    "async_delete",
    "async_delete_all",
    "async_fetch",
    "async_get",
    "async_list",
    "async_remove",
    "async_save",
    "async_scale",
    "async_update",
    "async_update_status",
    "async_wait_for",
    "async_watch",
    "create",
    "delete",
    "delete_all",
    "fetch",
    "from_file",
    "get",
    "gvk",
    "list",
    "name",
    "namespace",
    "remove",
    "resource_version",
    "save",
    "scale",
    "update",
    "update_status",
    "wait_for",
    "watch",
];

/// The folders of a group: `helm.toolkit.fluxcd.io` → `io`, `fluxcd`, `toolkit`, `helm`.
pub fn folders(group: &str) -> Vec<String> {
    group.rsplit('.').map(identifier).collect()
}

/// A name that is a Python identifier and no keyword.
pub fn identifier(name: &str) -> String {
    let mut out: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    if KEYWORDS.contains(&out.as_str()) {
        out.push('_');
    }
    out
}

/// Whether a name is a keyword of Python.
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// How the API calls a field unless something else is said: `source_ref` →
/// `sourceRef`, `class_` → `class`. The runtime does the same.
pub fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut chars = word.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        out.extend(chars.flat_map(char::to_lowercase));
    }
    out
}

/// The module of a kind: `HelmRelease` → `helm_release`.
pub fn kind_module(kind: &str) -> String {
    let name = snake_case(kind);
    let name = name.trim_start_matches('_');
    identifier(if name.is_empty() { "kind" } else { name })
}

/// The classes of one module, each name used once.
#[derive(Debug, Default)]
pub struct ClassNames {
    taken: BTreeSet<String>,
}

impl ClassNames {
    /// The class of an object at `path` below `parent`: `HelmRelease` and `spec`
    /// give `HelmReleaseSpec`.
    pub fn take(&mut self, name: &str) -> String {
        let name = class_name(name);
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| !self.taken.contains(name));
        let free = free.unwrap_or(name);
        self.taken.insert(free.clone());
        free
    }
}

/// A class is not private, whatever its kind is called.
fn class_name(name: &str) -> String {
    let name = identifier(name);
    match name.trim_start_matches('_') {
        rest if rest.len() == name.len() => name,
        rest => format!("Kind{rest}"),
    }
}

/// What a field adds to the name of its parent's class: `secretRef` → `SecretRef`.
pub fn class_part(field: &str) -> String {
    let mut chars = field.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let whole = format!("{first}{}", chars.as_str());
    whole.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The names of the fields of one class, in their order: `apiVersion` →
/// `api_version`, `class` → `class_`, `$ref` → `field_ref`. No two are the same,
/// and none is how the API calls another field, since pydantic takes both.
pub fn fields(fields: &[&str], is_resource: bool) -> Vec<String> {
    let wanted: Vec<String> = fields
        .iter()
        .map(|field| escaped(snake_case(field), is_resource))
        .collect();
    let is_own = |(field, name): &(&&str, &String)| **field == name.as_str();
    let mut taken: BTreeSet<String> = fields
        .iter()
        .zip(&wanted)
        .filter(is_own)
        .map(|(_, name)| name.clone())
        .collect();
    let mut names = Vec::new();
    for (field, name) in fields.iter().zip(wanted) {
        if *field == name {
            names.push(name);
            continue;
        }
        let numbered = (1..).map(|number| format!("{name}_{number}"));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| !taken.contains(name));
        let free = free.unwrap_or(name);
        taken.insert(free.clone());
        names.push(free);
    }
    names
}

fn escaped(mut name: String, is_resource: bool) -> String {
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name = format!("field_{}", name.trim_start_matches('_'));
    }
    let hides = MODEL_ATTRIBUTES.contains(&name.as_str())
        || (is_resource && RESOURCE_ATTRIBUTES.contains(&name.as_str()));
    if hides || KEYWORDS.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// As datamodel-code-generator does it: `podCIDRs` → `pod_cid_rs`, `apiURL` → `api_url`.
fn snake_case(field: &str) -> String {
    let plain: Vec<char> = field
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let words = cut_words(&plain);
    let mut out = String::with_capacity(words.len());
    let mut before: Option<char> = None;
    for c in words {
        let ends_word = before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if c.is_ascii_uppercase() && ends_word {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
        before = Some(c);
    }
    out
}

/// `([^_])([A-Z][a-z]+)` → `\1_\2`, from the left, without overlap.
fn cut_words(chars: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(chars.len() + 4);
    let mut at = 0;
    while at < chars.len() {
        out.push(chars[at]);
        let begins_word = chars[at] != '_'
            && chars.get(at + 1).is_some_and(char::is_ascii_uppercase)
            && chars.get(at + 2).is_some_and(char::is_ascii_lowercase);
        at += 1;
        if begins_word {
            out.push('_');
            out.push(chars[at]);
            at += 1;
            while at < chars.len() && chars[at].is_ascii_lowercase() {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    out
}

/// A part of a name: numbers come in the order of their values.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Digits.
    Number(u64),
    /// Anything else.
    Letter(char),
}

/// A name as ruff orders imports, whatever the case of its letters.
pub fn natural(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match (c.to_digit(10), parts.last_mut()) {
            (Some(digit), Some(Part::Number(number))) => {
                *number = number.saturating_mul(10).saturating_add(digit.into());
            }
            (Some(digit), _) => parts.push(Part::Number(digit.into())),
            (None, _) => parts.push(Part::Letter(c)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{camel_case, class_part, fields, folders, kind_module, snake_case};

    #[test]
    fn fields_are_named_as_cloudcoil_names_them() {
        for (field, name) in [
            ("apiVersion", "api_version"),
            ("sourceRef", "source_ref"),
            ("podCIDRs", "pod_cid_rs"),
            ("apiURL", "api_url"),
            ("HTTPRoute", "http_route"),
            ("http01", "http01"),
            ("clusterIP", "cluster_ip"),
            ("acmeDNS", "acme_dns"),
            ("x-foo", "x_foo"),
        ] {
            assert_eq!(snake_case(field), name);
        }
    }

    #[test]
    fn most_names_say_how_the_api_calls_them() {
        for (name, field) in [
            ("api_version", "apiVersion"),
            ("class_", "class"),
            ("http01", "http01"),
            ("pod_cid_rs", "podCidRs"),
        ] {
            assert_eq!(camel_case(name), field);
        }
    }

    #[test]
    fn modules_of_kinds_can_be_imported() {
        for (kind, module) in [
            ("HelmRelease", "helm_release"),
            ("DB", "db"),
            ("None", "none"),
            ("Class", "class_"),
            ("OCIRepository", "oci_repository"),
        ] {
            assert_eq!(kind_module(kind), module);
        }
    }

    #[test]
    fn a_field_hides_nothing() {
        let names = fields(
            &[
                "class", "schema", "name", "$ref", "fooBar", "foo-bar", "foo_bar",
            ],
            true,
        );
        assert_eq!(
            names,
            [
                "class_",
                "schema_",
                "name_",
                "field_ref",
                "foo_bar_1",
                "foo_bar_2",
                "foo_bar"
            ]
        );
    }

    #[test]
    fn classes_and_modules_follow_the_path() {
        assert_eq!(class_part("secretRef"), "SecretRef");
        assert_eq!(class_part("foo.bar-x"), "Foobarx");
        assert_eq!(
            folders("acme.cert-manager.io"),
            ["io", "cert_manager", "acme"]
        );
    }
}

//! What names, labels and keys must be (apimachinery, `pkg/api/validate/content`,
//! `pkg/util/validation`). Each function gives all that is wrong.

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const OLD_LABEL: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY_PART: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/// A generateName as its rule sees it: what a dash at the end stands for is yet
/// to come.
pub(in crate::validate) fn masked(prefix: &str) -> String {
    match prefix.strip_suffix('-').map(str::as_bytes) {
        // Bytes, so that what is cut may no longer be text.
        Some([rest @ .., _]) => format!("{}a", String::from_utf8_lossy(rest)),
        _ => prefix.to_owned(),
    }
}

pub(in crate::validate) fn subdomain(name: &str) -> Vec<String> {
    subdomain_in(name, "characters")
}

fn subdomain_in(name: &str, unit: &str) -> Vec<String> {
    let mut problems = too_long(name, 253, unit);
    if !is_subdomain(name) {
        problems.push(SUBDOMAIN.to_owned());
    }
    problems
}

pub(in crate::validate) fn label(name: &str) -> Vec<String> {
    let mut problems = too_long(name, 63, "characters");
    if !is_label(name) {
        let dots = is_subdomain(name).then_some("must not contain dots");
        problems.push(dots.unwrap_or(LABEL).to_owned());
    }
    problems
}

/// A label of RFC 1035, which does not begin with a digit.
pub(in crate::validate) fn old_label(name: &str) -> Vec<String> {
    let mut problems = too_long(name, 63, "characters");
    if !is_label(name) || name.starts_with(|c: char| c.is_ascii_digit()) {
        problems.push(OLD_LABEL.to_owned());
    }
    problems
}

pub(in crate::validate) fn label_value(value: &str) -> Vec<String> {
    let mut problems = too_long(value, 63, "bytes");
    if !value.is_empty() && !is_key_part(value) {
        problems.push(LABEL_VALUE.to_owned());
    }
    problems
}

/// A label's or annotation's key, or a finalizer.
pub(in crate::validate) fn label_key(key: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let parts: Vec<&str> = key.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        ["", name] => {
            problems.push("prefix part must be non-empty".to_owned());
            name
        }
        [prefix, name] => {
            // The same rule from another package of the server, which says bytes.
            let of_prefix = subdomain_in(prefix, "bytes").into_iter();
            problems.extend(of_prefix.map(|problem| format!("prefix part {problem}")));
            name
        }
        _ => {
            return vec![format!(
                "a valid label key {KEY_PART} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    }
    let of_length = too_long(name, 63, "bytes").into_iter();
    problems.extend(of_length.map(|problem| format!("name part {problem}")));
    if !is_key_part(name) {
        problems.push(format!("name part {KEY_PART}"));
    }
    problems
}

pub(in crate::validate) fn path_segment(name: &str) -> Vec<String> {
    if name == "." || name == ".." {
        return vec![format!("may not be '{name}'")];
    }
    path_segment_prefix(name)
}

pub(in crate::validate) fn path_segment_prefix(name: &str) -> Vec<String> {
    let bad = ['/', '%'].into_iter().filter(|c| name.contains(*c));
    bad.map(|c| format!("may not contain '{c}'")).collect()
}

/// What is wrong with the apiVersion or kind of a resource inside a resource.
pub(in crate::validate) fn type_meta(field: &str, text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("must not be empty".to_owned());
    }
    if field == "apiVersion" {
        let is_good = text.matches('/').count() <= 1;
        return (!is_good).then(|| format!("unexpected GroupVersion string: {text}"));
    }
    let problems = old_label(&text.to_lowercase());
    (!problems.is_empty()).then(|| {
        format!(
            "may have mixed case, but should otherwise match: {}",
            problems.join(",")
        )
    })
}

/// `group/version` or `version`, of which the version is not empty.
pub(in crate::validate) fn is_group_version(text: &str) -> bool {
    text.matches('/').count() <= 1 && !text.ends_with('/')
}

/// Bytes are counted, whatever the message calls them.
fn too_long(text: &str, limit: usize, unit: &str) -> Vec<String> {
    let problem = || format!("must be no more than {limit} {unit}");
    (text.len() > limit).then(problem).into_iter().collect()
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    ends_alphanumeric(text) && text.bytes().all(good)
}

fn is_key_part(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    ends_alphanumeric(text) && text.bytes().all(good)
}

fn ends_alphanumeric(text: &str) -> bool {
    let good = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    good(text.chars().next()) && good(text.chars().next_back())
}

//! Names and uids that core makes (`internal/names`, `internal/render/composite`).

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::object::GroupVersionKind;

/// The longest name that is generated.
const LONGEST: usize = 63;
const HASH_LENGTH: usize = 12;
/// What random suffixes consist of (`k8s.io/apimachinery/pkg/util/rand`).
const SUFFIX_LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH: usize = 5;

/// The uid of an XR that has none.
pub(crate) fn invented_uid(of: &GroupVersionKind, namespace: &str, name: &str) -> String {
    let text = format!("{of}\0{namespace}\0{name}");
    Uuid::new_v5(&Uuid::nil(), text.as_bytes()).to_string()
}

/// The name of a composed resource: the prefix and a hash over its owner's uid
/// and its composition resource name (`ChildName`).
pub(crate) fn child_name(prefix: &str, owner_uid: &str, name: &str) -> String {
    let digest = Sha256::digest(format!("{owner_uid}{name}"));
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let suffix = &hash[..HASH_LENGTH];
    let mut prefix = prefix.to_owned();
    if !prefix.is_empty() && !prefix.ends_with('-') {
        prefix.push('-');
    }
    if prefix.len() + HASH_LENGTH <= LONGEST {
        return prefix + suffix;
    }
    let room = LONGEST - HASH_LENGTH;
    let cut = beginning(&prefix, room);
    if cut.ends_with('-') {
        return format!("{cut}{suffix}");
    }
    format!("{}-{suffix}", beginning(&prefix, room - 1))
}

/// A name with the suffix that core would draw at random; here it is drawn from
/// a hash, so that it stays the same.
pub(crate) fn drawn_name(prefix: &str, seed: &str) -> String {
    let digest = Sha256::digest(seed);
    let letter = |byte: &u8| char::from(SUFFIX_LETTERS[usize::from(*byte) % SUFFIX_LETTERS.len()]);
    let suffix: String = digest.iter().take(SUFFIX_LENGTH).map(letter).collect();
    format!("{}{suffix}", beginning(prefix, LONGEST - SUFFIX_LENGTH))
}

fn beginning(text: &str, length: usize) -> &str {
    let end = (0..=length.min(text.len())).rev();
    let end = end.into_iter().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// Whether a resource may have this name: an RFC 1123 subdomain; colons are
/// fine in RBAC's kinds.
pub(crate) fn is_valid(name: &str, of: &GroupVersionKind) -> bool {
    let is_rbac = of.group == "rbac.authorization.k8s.io"
        && matches!(
            of.kind.as_str(),
            "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding"
        );
    let name = if is_rbac {
        name.replace(':', "")
    } else {
        name.to_owned()
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = [label.bytes().next(), label.bytes().last()];
    ends.iter().all(|b| b.is_some_and(alphanumeric))
        && label.bytes().all(|b| alphanumeric(b) || b == b'-')
}

/// The first three names in order, and how many more there are
/// (`resource.StableNAndSomeMore`).
pub(crate) fn some_of(names: &[String]) -> String {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    match names.as_slice() {
        [a, b, c] => format!("{a}, {b}, and {c}"),
        [a, b, c, rest @ ..] => format!("{a}, {b}, {c}, and {} more", rest.len()),
        few => few.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn an_invented_uid_is_upstreams() {
        let orchard = GroupVersionKind::new("garden.example.org/v1", "Orchard");
        assert_eq!(
            invented_uid(&orchard, "field", "pear"),
            "baf631fb-41a0-5a94-9780-c262f6b0812b"
        );
    }

    #[test]
    fn a_child_name_is_cut_to_63_letters() {
        assert_eq!(child_name("pear-", "uid", "bed").len(), 5 + HASH_LENGTH);
        assert_eq!(
            child_name("pear", "uid", "bed"),
            child_name("pear-", "uid", "bed")
        );
        let long = child_name(&"a".repeat(80), "uid", "bed");
        assert_eq!((long.len(), &long[49..51]), (63, "a-"));
        let hyphen = child_name(&format!("{}-bbbbbbbbbbbbbbb", "a".repeat(50)), "uid", "bed");
        assert_eq!((hyphen.len(), &hyphen[49..51]), (63, "a-"));
    }

    #[test]
    fn names_are_subdomains() {
        let kind = |api_version| GroupVersionKind::new(api_version, "ClusterRole");
        for name in ["a", "a-b.c", "0"] {
            assert!(is_valid(name, &kind("v1")), "{name}");
        }
        for name in ["", "A", "a_b", "-a", "a.", "a..b", "a:b"] {
            assert!(!is_valid(name, &kind("v1")), "{name}");
        }
        assert!(is_valid("a:b", &kind("rbac.authorization.k8s.io/v1")));
    }

    #[test]
    fn some_names_stand_for_many() {
        let some = |names: &[&str]| {
            some_of(
                &names
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(some(&["b", "a"]), "a, b");
        assert_eq!(some(&["c", "a", "b"]), "a, b, and c");
        assert_eq!(some(&["e", "d", "c", "b", "a"]), "a, b, c, and 2 more");
    }
}

//! The metadata schemas that every models package carries at the place where
//! `kcl import` puts them. Fields: k8s.io/apimachinery v0.37, `meta/v1`.

/// File name and text of each.
pub const FILES: [(&str, &str); 3] = [
    ("managed_fields_entry.k", MANAGED_FIELDS_ENTRY),
    ("object_meta.k", OBJECT_META),
    ("owner_reference.k", OWNER_REFERENCE),
];

const OBJECT_META: &str = include_str!("object_meta.k");
const OWNER_REFERENCE: &str = include_str!("owner_reference.k");
const MANAGED_FIELDS_ENTRY: &str = include_str!("managed_fields_entry.k");

//! The metadata schemas: either in the package itself, at the place where
//! `kcl import` puts them, or there as aliases of those of one package that all
//! others share. Fields: k8s.io/apimachinery v0.37, `meta/v1`.

use crate::output::Files;

/// Schema, file and text of each.
const SCHEMAS: [(&str, &str, &str); 3] = [
    (
        "ManagedFieldsEntry",
        "managed_fields_entry.k",
        include_str!("managed_fields_entry.k"),
    ),
    ("ObjectMeta", "object_meta.k", include_str!("object_meta.k")),
    (
        "OwnerReference",
        "owner_reference.k",
        include_str!("owner_reference.k"),
    ),
];

const FOLDER: &str = "apimachinery/pkg/apis/meta/v1";

/// The files below `root`: the schemas, or aliases of those of `package`.
pub fn inside(root: &str, package: Option<&str>) -> Files {
    let folder = match root {
        "" => FOLDER.to_owned(),
        root => format!("{root}/{FOLDER}"),
    };
    SCHEMAS
        .iter()
        .map(|(schema, file, text)| {
            let text = match package {
                Some(package) => alias(schema, package),
                None => (*text).to_owned(),
            };
            (format!("{folder}/{file}"), text)
        })
        .collect()
}

fn alias(schema: &str, package: &str) -> String {
    let import = FOLDER.replace('/', ".");
    format!(
        "\"\"\"\n{schema} of the package {package} (meta/v1).\n\"\"\"\nimport {package}.{import} as meta\n\ntype {schema} = meta.{schema}\n"
    )
}

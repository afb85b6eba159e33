//! Files, schemas and attributes as `kcl import -m crd` names them.

use super::swag::{file_name, go_name};
use crate::analysis::Model;
use kube_schema::GroupVersionKind;
use std::collections::BTreeSet;

/// Words that KCL keeps for itself, and those that `kcl import` escapes though
/// it need not.
const RESERVED: [&str; 29] = [
    "False",
    "None",
    "True",
    "Undefined",
    "all",
    "and",
    "any",
    "as",
    "assert",
    "check",
    "elif",
    "else",
    "filter",
    "final",
    "for",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "map",
    "mixin",
    "not",
    "or",
    "protocol",
    "relaxed",
    "rule",
    "schema",
    "type",
];

/// Ends of a file name that mean something to a Go or KCL build; `kcl import`
/// adds a word behind them.
const SPECIAL_ENDS: [&str; 36] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
];
const MORE_SPECIAL_ENDS: [&str; 4] = ["mips64p32le", "sparc64", "test", "wasm"];

/// The name of the module of a kind by its full name, `group.version.Kind`: its
/// file, without `.k`.
pub fn module_of(full_name: &str) -> String {
    let name = file_name(&go_name(&go_name(full_name)));
    let end = name.rsplit('_').next().unwrap_or_default();
    if SPECIAL_ENDS.contains(&end) || MORE_SPECIAL_ENDS.contains(&end) {
        return format!("{name}_swagger");
    }
    name
}

/// The folder of a version by its name. KCL imports no path with a dash in it.
pub fn folder_of(version: &str) -> String {
    version.replace('-', "_")
}

/// `group.version.Kind`, from which all other names are made.
pub fn full_name(model: &Model) -> String {
    format!("{}.{}.{}", model.group, model.version, model.kind)
}

/// The same of a kind.
pub fn full_name_of(kind: &GroupVersionKind) -> String {
    format!("{}.{}.{}", kind.group, kind.version, kind.kind)
}

/// The name of the root schema.
pub fn root(model: &Model) -> String {
    root_of(&model.kind)
}

/// The same of a kind by its name.
pub fn root_of(kind: &str) -> String {
    kind.replace(['-', '.'], "_")
}

/// Where an object without a name of its own stands below a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is the field itself.
    Field,
    /// It is an element of a list.
    Element,
    /// It is a value of a map.
    Entry,
}

/// The names of the schemas of one file, each used once.
#[derive(Debug, Default)]
pub struct SchemaNames {
    taken: BTreeSet<String>,
}

impl SchemaNames {
    /// The root's name.
    pub fn root(&mut self, model: &Model) -> String {
        self.take(root(model))
    }

    /// The name of an object at or below the field `field` of the schema `parent`.
    pub fn nested(&mut self, parent: &str, field: &str, step: Step) -> String {
        let name = match step {
            Step::Field => go_name(&format!("{parent}{}", go_name(field))),
            Step::Element => go_name(&format!("{parent} {}", go_name(&format!("{field} items0")))),
            Step::Entry => go_name(&format!("{parent} {}", go_name(&format!("{field} Anon")))),
        };
        self.take(name)
    }

    /// A free name like `name`: those that differ only in signs become one, and
    /// the later ones are numbered.
    pub fn take(&mut self, name: String) -> String {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| !self.taken.contains(name));
        let free = free.unwrap_or(name);
        self.taken.insert(free.clone());
        free
    }
}

/// How an attribute is written where it is declared, and where it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// `name`, `$type` or `"x-y"`.
    pub declared: String,
    /// As an expression; a quoted attribute has none.
    pub used: Option<String>,
}

/// The attribute of a field; none if KCL cannot declare it, which takes every
/// `${` for an interpolation.
pub fn attribute(field: &str) -> Option<Attribute> {
    if field.contains("${") {
        return None;
    }
    if !is_identifier(field) {
        return Some(Attribute {
            declared: super::literal::string(field),
            used: None,
        });
    }
    let name = if RESERVED.contains(&field) {
        format!("${field}")
    } else {
        field.to_owned()
    };
    Some(Attribute {
        declared: name.clone(),
        used: Some(name),
    })
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

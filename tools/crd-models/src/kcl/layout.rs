//! Where the types of a library are: a folder for each package of the source, in
//! it a file for each type. A folder is imported as a whole, so its types refer
//! to one another by their names alone, also in circles.

use super::names::SchemaNames;
use super::unions;
use crate::analysis::{Library, NamedType, TypeRef};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What Kubernetes' own types are called.
const K8S: &str = "io.k8s";

/// Where a type is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The package, if it is another one.
    pub package: Option<String>,
    /// The folders below the package's root.
    pub folders: Vec<String>,
    /// The file, without `.k`.
    pub file: String,
    /// The schema.
    pub schema: String,
}

impl Place {
    /// The dots that lead to the package's root: one is the file's own folder,
    /// each further one the folder above.
    pub fn above(&self) -> String {
        ".".repeat(self.folders.len() + 1)
    }

    /// The folders below the package's root: `api/core/v1`.
    pub fn folder(&self) -> String {
        self.folders.join("/")
    }
}

/// The places of all types.
#[derive(Debug)]
pub struct Layout<'l> {
    types: BTreeMap<&'l str, (&'l NamedType, Place)>,
}

impl<'l> Layout<'l> {
    /// What begins with `root` lies below the package's root without it. If
    /// `k8s` is given, Kubernetes' own types are in that package.
    pub fn new(library: &'l Library, root: &str, k8s: Option<&str>) -> Self {
        let mut taken: BTreeMap<Vec<String>, (SchemaNames, BTreeSet<String>)> = BTreeMap::new();
        let mut types = BTreeMap::new();
        for named in &library.types {
            let foreign = k8s.filter(|_| below(&named.name, K8S).is_some());
            let root = if foreign.is_some() { K8S } else { root };
            let rest = below(&named.name, root).unwrap_or(&named.name);
            let mut folders: Vec<String> = rest.split('.').map(identifier).collect();
            let name = folders.pop().unwrap_or_default();
            let (schemas, files) = taken.entry(folders.clone()).or_default();
            let place = Place {
                package: foreign.map(str::to_owned),
                file: super::free(files, snake(&name)),
                schema: schemas.take(name),
                folders,
            };
            types.insert(named.name.as_str(), (named, place));
        }
        Self { types }
    }

    /// Every type that this package has, and where it is.
    pub fn own(&self) -> impl Iterator<Item = (&'l NamedType, &Place)> {
        let all = self.types.values();
        all.map(|(named, place)| (*named, place))
            .filter(|(_, place)| place.package.is_none())
    }

    /// Where a type is.
    pub fn place(&self, name: &str) -> Option<&Place> {
        self.types.get(name).map(|(_, place)| place)
    }

    /// Whether values of unions are checked by making what they are.
    pub fn has_unions(&self) -> bool {
        let mut all = self.types.values();
        all.any(|(named, _)| named.value.shape.union().is_some())
    }

    /// The union that an object is a special case of: the first that has it.
    pub fn parent(&self, object: &str) -> Option<&Place> {
        let mut all = self.types.values();
        let (_, place) = all.find(|(named, _)| {
            let union = named.value.shape.union();
            union.is_some_and(|union| unions::has(union, object))
        })?;
        Some(place)
    }
}

fn below<'n>(name: &'n str, root: &str) -> Option<&'n str> {
    if root.is_empty() {
        return Some(name);
    }
    name.strip_prefix(root)?.strip_prefix('.')
}

fn identifier(word: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let word: String = word
        .chars()
        .map(|c| if fits(c) { c } else { '_' })
        .collect();
    match word.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("_{word}"),
        false => word,
    }
}

/// `AuthOIDCClientConfig` → `auth_oidc_client_config`: a word begins at a capital
/// behind or before a small letter.
fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| chars[before]);
        let begins = match (before, chars.get(index + 1)) {
            (Some('_') | None, _) => false,
            (Some(before), _) if !before.is_ascii_uppercase() => true,
            (_, after) => after.is_some_and(char::is_ascii_lowercase),
        };
        if c.is_ascii_uppercase() && begins {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    match out.ends_with("_test") {
        // KCL takes it for a test.
        true => format!("{out}_type"),
        false => out,
    }
}

/// The imports that a file turns out to need: path and alias.
pub type Imports = RefCell<BTreeMap<String, String>>;

/// A type, as its file sees it and all others.
#[derive(Clone, Copy)]
pub struct Site<'l> {
    /// The type.
    pub named: &'l NamedType,
    /// Where it is.
    pub place: &'l Place,
    /// All types.
    pub layout: &'l Layout<'l>,
    /// Of its file.
    pub imports: &'l Imports,
    /// Whether texts for people are left out.
    pub lean: bool,
}

impl<'l> Site<'l> {
    /// Whether schemas have texts for people.
    pub fn has_docs(&self) -> bool {
        !self.lean
    }

    /// A type as it is written here.
    pub fn type_name(&self, reference: &TypeRef) -> String {
        match reference.value().and_then(|value| value.shape.union()) {
            Some(union) => unions::type_name(reference, union, self),
            None => self.reach(reference.name(), |schema| schema.to_owned()),
        }
    }

    /// A name of the file of a type, as it is written here; `any` if there is no
    /// such type.
    pub fn reach(&self, name: &str, wanted: impl Fn(&str) -> String) -> String {
        let Some(place) = self.layout.place(name) else {
            return "any".to_owned();
        };
        let wanted = wanted(&place.schema);
        match self.alias(place) {
            Some(alias) => format!("{alias}.{wanted}"),
            None => wanted,
        }
    }

    /// The schema of the union that this object is a special case of.
    pub fn parent(&self) -> Option<String> {
        let place = self.layout.parent(&self.named.name)?;
        let schema = &place.schema;
        Some(match self.alias(place) {
            Some(alias) => format!("{alias}.{schema}"),
            None => schema.clone(),
        })
    }

    /// Whether the object's schema is a special case of this union's.
    pub fn is_parent(&self, union: &str, object: &str) -> bool {
        self.layout.parent(object) == self.layout.place(union)
    }

    /// How the folder of a place is called here, if it is another one.
    fn alias(&self, place: &Place) -> Option<String> {
        if place.package.is_none() && place.folders == self.place.folders {
            return None;
        }
        let from = match &place.package {
            Some(package) => format!("{package}."),
            None => self.place.above(),
        };
        let path = format!("{from}{}", place.folders.join("."));
        let mut imports = self.imports.borrow_mut();
        if let Some(alias) = imports.get(&path) {
            return Some(alias.clone());
        }
        let first = place.folders.len().saturating_sub(2);
        let alias = match place.folders.get(first..) {
            // No attribute begins with _ and hides it.
            Some(last) if !last.is_empty() => format!("_{}", last.join("_")),
            _ => "_root".to_owned(),
        };
        let numbered = (2..).map(|number| format!("{alias}_{number}"));
        let is_free = |alias: &String| imports.values().all(|known| known != alias);
        let free = std::iter::once(alias.clone()).chain(numbered).find(is_free);
        let alias = free.unwrap_or(alias);
        imports.insert(path, alias.clone());
        Some(alias)
    }
}

#[cfg(test)]
mod tests {
    use super::{identifier, snake};

    #[test]
    fn files_are_called_like_their_types_in_snake_case() {
        for (name, file) in [
            ("PodSpec", "pod_spec"),
            ("AuthOIDCClientConfig", "auth_oidc_client_config"),
            ("HTTP2HTTPSPluginOptions", "http2_https_plugin_options"),
            ("STCPProxyConfig", "stcp_proxy_config"),
            ("CSIDriver", "csi_driver"),
            ("Pod_Spec", "pod_spec"),
            ("LoadTest", "load_test_type"),
        ] {
            assert_eq!(snake(name), file);
        }
    }

    #[test]
    fn no_sign_or_digit_breaks_an_import() {
        assert_eq!(identifier("kube-aggregator"), "kube_aggregator");
        assert_eq!(identifier("2fa"), "_2fa");
    }
}

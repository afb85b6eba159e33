use crate::yaml::{self, Node, Part};
use diagnostics::{Diagnostic, Place, Position};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// Who a resource is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    /// `group/version`, or `v1`.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace, if it says one.
    pub namespace: Option<String>,
    /// Its name, if it has one (a generated name comes later).
    pub name: Option<String>,
    /// Its name within a composition, by which a composed resource that has no
    /// name yet is told from others.
    pub composed_as: Option<String>,
}

/// Where a resource states its name within a composition.
const COMPOSED_AS: [&str; 2] = [
    "/metadata/annotations/krm.kcl.dev~1composition-resource-name",
    "/metadata/annotations/crossplane.io~1composition-resource-name",
];

impl ResourceId {
    /// The identity of an object; none if it says no apiVersion and kind.
    pub fn of(value: &Value) -> Option<Self> {
        let text = |pointer: &str| {
            value
                .pointer(pointer)
                .and_then(Value::as_str)
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
        };
        Some(Self {
            api_version: text("/apiVersion")?,
            kind: text("/kind")?,
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name"),
            composed_as: COMPOSED_AS.into_iter().find_map(text),
        })
    }

    /// The API group; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version
            .rsplit_once('/')
            .map_or("", |(group, _)| group)
    }

    /// The version without the group.
    pub fn version(&self) -> &str {
        self.api_version
            .rsplit_once('/')
            .map_or(&self.api_version, |(_, version)| version)
    }
}

/// `Droplet default/web (compute.example.org/v1alpha1)`; without a name
/// `Droplet (unnamed)`, or `Droplet (composed as web)`.
impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        match (&self.name, &self.composed_as) {
            (Some(name), _) => f.write_str(name)?,
            (None, Some(name)) => write!(f, "(composed as {name})")?,
            (None, None) => f.write_str("(unnamed)")?,
        }
        write!(f, " ({})", self.api_version)
    }
}

/// A resource, and where it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Who it is.
    pub id: ResourceId,
    /// The whole object.
    pub value: Value,
    /// The file it was read from, as the user named it.
    pub file: String,
    /// The object with the places of its parts.
    pub node: Node,
}

impl Resource {
    /// Where the resource begins in its file.
    pub fn place(&self) -> Place {
        Place::at(&self.file, self.node.at)
    }

    /// The resource as it is created: Crossplane gives a composed resource
    /// without a name a generated one.
    pub fn as_created(&self) -> Cow<'_, Value> {
        let has = |pointer: &str| self.value.pointer(pointer).is_some();
        let is_composed = self.id.composed_as.is_some();
        if !is_composed || has("/metadata/name") || has("/metadata/generateName") {
            return Cow::Borrowed(&self.value);
        }
        let mut created = self.value.clone();
        created["metadata"]["generateName"] = Value::from("composed-");
        Cow::Owned(created)
    }

    /// Whether the group is one that the API server itself serves: without a
    /// dot, or below k8s.io.
    pub fn is_builtin(&self) -> bool {
        let group = self.id.group();
        !group.contains('.') || (group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io"))
    }
}

/// Why files hold no resources that can be read. Convert it to a
/// [`Diagnostic`] to show it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {message}")]
pub struct ReadError {
    file: String,
    at: Option<Position>,
    message: String,
    /// What stands at that place.
    line: Option<String>,
}

impl From<ReadError> for Diagnostic {
    fn from(error: ReadError) -> Self {
        let place = Place {
            file: error.file,
            position: error.at,
        };
        Diagnostic::error(error.message)
            .at(place)
            .in_line(error.line.as_deref())
    }
}

impl From<Box<ReadError>> for Diagnostic {
    fn from(error: Box<ReadError>) -> Self {
        Self::from(*error)
    }
}

/// Reads the resources of a YAML or JSON text. A `List`, and an object that is
/// nothing but `items`, stands for its items.
pub fn read_text(file: &str, text: impl Into<String>) -> Result<Vec<Resource>, Box<ReadError>> {
    read_part(file, &Part::whole(text.into()))
}

/// Reads the resources of a part of a text.
pub fn read_part(file: &str, part: &Part) -> Result<Vec<Resource>, Box<ReadError>> {
    let read = part
        .parse()
        .map_err(|error| (error.at, error.message))
        .and_then(|documents| resources_of(file, documents));
    read.map_err(|(at, message)| {
        Box::new(ReadError {
            file: file.to_owned(),
            at: Some(at),
            message,
            line: part.line(at.line).map(str::to_owned),
        })
    })
}

fn resources_of(file: &str, documents: Vec<Node>) -> Result<Vec<Resource>, (Position, String)> {
    let mut resources = Vec::new();
    for node in documents.into_iter().flat_map(flatten) {
        let value = node.to_json();
        let Some(id) = ResourceId::of(&value) else {
            return Err((node.at, no_resource(&node)));
        };
        resources.push(Resource {
            id,
            value,
            file: file.to_owned(),
            node,
        });
    }
    Ok(resources)
}

fn no_resource(node: &Node) -> String {
    let missing = |key: &str| match node.get(key) {
        Some(value) if value.as_str().is_some_and(|text| !text.is_empty()) => None,
        Some(value) => Some(format!(
            "`{key}` must be a string with text, it is {}",
            value.describe()
        )),
        None => Some(format!("`{key}` is missing")),
    };
    match node.content {
        yaml::Content::Map(_) => {
            let why: Vec<String> = ["apiVersion", "kind"]
                .into_iter()
                .filter_map(missing)
                .collect();
            format!("this document is no resource: {}", why.join(" and "))
        }
        _ => format!(
            "this document is no resource: it is {}, not a map",
            node.describe()
        ),
    }
}

/// The nodes that a document stands for.
fn flatten(node: Node) -> Vec<Node> {
    let kind = node.get("kind").and_then(Node::as_str);
    let api_version = node.get("apiVersion").and_then(Node::as_str);
    let is_list = match (api_version, kind) {
        (Some("v1"), Some("List")) => true,
        (None, None) => node.entries().len() == 1,
        _ => false,
    };
    match node.get("items") {
        Some(items) if is_list && matches!(items.content, yaml::Content::List(_)) => {
            items.items().iter().cloned().flat_map(flatten).collect()
        }
        _ => vec![node],
    }
}

/// Reads the resources of a file.
pub fn read_file(path: &Path) -> Result<Vec<Resource>, Box<ReadError>> {
    let file = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|error| cannot_read(path, &error.to_string()))?;
    read_text(&file, text)
}

fn cannot_read(path: &Path, why: &str) -> Box<ReadError> {
    let message = format!("cannot read the file: {why}");
    Box::new(ReadError {
        file: path.display().to_string(),
        at: None,
        message,
        line: None,
    })
}

/// Reads the resources of files, and of all `.yaml`, `.yml` and `.json` files
/// below folders, in the order of their names.
pub fn read_paths(paths: &[PathBuf]) -> Result<Vec<Resource>, Box<ReadError>> {
    let mut resources = Vec::new();
    for path in paths {
        for file in files(path)? {
            resources.extend(read_file(&file)?);
        }
    }
    Ok(resources)
}

/// The file, or all `.yaml`, `.yml` and `.json` files below the folder, in the
/// order of their names.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, Box<ReadError>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let is_resource_file = |path: &Path| {
        path.extension()
            .is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
    };
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(path)
        .follow_links(true)
        .sort_by_file_name()
    {
        let entry = entry.map_err(|error| cannot_read(path, &error.to_string()))?;
        if entry.file_type().is_file() && is_resource_file(entry.path()) {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        return Err(cannot_read(
            path,
            "the folder has no .yaml, .yml or .json file",
        ));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        read_text("f.yaml", text)
            .unwrap()
            .iter()
            .map(|r| r.id.to_string())
            .collect()
    }

    #[test]
    fn lists_stand_for_their_items() {
        let one = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: ns}}";
        let two = "{apiVersion: apps/v1, kind: Deployment}";
        let expected = ["Pod ns/a (v1)", "Deployment (unnamed) (apps/v1)"];
        assert_eq!(ids(&format!("{one}\n---\n{two}\n")), expected);
        assert_eq!(ids(&format!("{{items: [{one}, {two}]}}")), expected);
        assert_eq!(
            ids(&format!(
                "{{apiVersion: v1, kind: List, items: [{one}, {two}]}}"
            )),
            expected
        );
        assert_eq!(ids("{items: []}"), Vec::<String>::new());
    }

    #[test]
    fn a_resource_knows_its_place() {
        let resources = read_text(
            "f.yaml",
            "apiVersion: v1\nkind: A\n---\n\napiVersion: v1\nkind: B\n",
        )
        .unwrap();
        assert_eq!(resources[1].place().to_string(), "f.yaml:5:1");
    }

    #[test]
    fn what_is_no_resource_is_refused_with_its_place() {
        for (text, expected) in [
            (
                "kind: A\n",
                "error: this document is no resource: `apiVersion` is missing\n  --> f:1:1\n   |\n 1 | kind: A\n   | ^\n",
            ),
            (
                "apiVersion: 1\n",
                "error: this document is no resource: `apiVersion` must be a string with text, it is a number and `kind` is missing\n  --> f:1:1\n   |\n 1 | apiVersion: 1\n   | ^\n",
            ),
            (
                "- a\n",
                "error: this document is no resource: it is a list, not a map\n  --> f:1:1\n   |\n 1 | - a\n   | ^\n",
            ),
        ] {
            let diagnostic = Diagnostic::from(read_text("f", text).unwrap_err());
            assert_eq!(diagnostics::render_text(&diagnostic), expected);
        }
    }

    #[test]
    fn the_group_is_split_from_the_version() {
        let id =
            |v: &str| ResourceId::of(&serde_json::json!({"apiVersion": v, "kind": "K"})).unwrap();
        assert_eq!((id("v1").group(), id("v1").version()), ("", "v1"));
        assert_eq!(
            (id("a.b/v2").group(), id("a.b/v2").version()),
            ("a.b", "v2")
        );
    }

    #[test]
    fn folders_are_read_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("b")).unwrap();
        for (name, kind) in [("c.json", "C"), ("b/a.yml", "B"), ("a.yaml", "A")] {
            let text = format!("{{\"apiVersion\": \"v1\", \"kind\": \"{kind}\"}}");
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        std::fs::write(folder.path().join("README.md"), "no YAML: [").unwrap();
        let kinds: Vec<String> = read_paths(&[folder.path().to_owned()])
            .unwrap()
            .into_iter()
            .map(|resource| resource.id.kind)
            .collect();
        assert_eq!(kinds, ["A", "B", "C"]);
        let empty = read_paths(&[folder.path().join("b/none")]).unwrap_err();
        assert!(
            empty.to_string().contains("cannot read the file"),
            "{empty}"
        );
    }
}

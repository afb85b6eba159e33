use super::assertion::assertion;
use super::fields::Notes;
use super::{Case, Spec};
use diagnostics::{Diagnostic, Position, suggest};
use resource_graph::yaml::{self, Content, Node};

const API_VERSION: &str = "test.hermetic.dev/v1alpha1";
const KIND: &str = "StructuralTest";

/// What a spec may refer to.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The names of the rendered inputs.
    pub resources: Vec<String>,
    /// The kinds that CRDs define or that an input holds.
    pub kinds: Vec<String>,
    /// Whether there are CRDs to be valid against.
    pub has_crds: bool,
}

/// Reads the specs of a file, or says all that is wrong with them.
pub fn parse(file: &str, text: &str, known: &Known) -> Result<Vec<Spec>, Vec<Diagnostic>> {
    let mut notes = Notes::new(file, text);
    let documents = match yaml::parse(text) {
        Ok(documents) => documents,
        Err(error) => {
            notes.error::<()>(error.at, error.message, "");
            return Err(notes.diagnostics);
        }
    };
    if documents.is_empty() {
        let message = format!("the file holds no {KIND}");
        notes.error::<()>(Position::new(1, 1), message, "a spec has at least one case");
    }
    let specs: Vec<Spec> = documents
        .iter()
        .filter_map(|node| document(node, known, &mut notes))
        .collect();
    if notes.diagnostics.is_empty() {
        Ok(specs)
    } else {
        Err(notes.diagnostics)
    }
}

fn document(node: &Node, known: &Known, notes: &mut Notes<'_>) -> Option<Spec> {
    notes.map(node, "a spec", &["apiVersion", "kind", "metadata", "spec"])?;
    for (key, expected) in [("apiVersion", API_VERSION), ("kind", KIND)] {
        let value = notes.required(node, "a spec", key)?;
        if value.as_str() != Some(expected) {
            return notes.error(value.at, format!("`{key}` must be {expected}"), "");
        }
    }
    let metadata = notes.required(node, "a spec", "metadata");
    let name = metadata.and_then(|metadata| {
        notes.map(metadata, "metadata", &["name", "labels", "annotations"])?;
        let name = notes.required(metadata, "metadata", "name")?;
        notes.text(name, "metadata.name")
    });
    let spec = notes.required(node, "a spec", "spec")?;
    notes.map(spec, "spec", &["resources", "cases"])?;
    let resources = inputs(spec.get("resources"), known, notes);
    let list = notes.required(spec, "spec", "cases")?;
    let list = notes.list(list, "spec.cases")?;
    let cases: Vec<Case> = list
        .iter()
        .filter_map(|node| case(node, resources.as_deref(), known, notes))
        .collect();
    check_names(&cases, list, notes);
    Some(Spec { name: name?, cases })
}

fn check_names(cases: &[Case], nodes: &[Node], notes: &mut Notes<'_>) {
    for (i, case) in cases.iter().enumerate() {
        if cases[..i].iter().any(|other| other.name == case.name) {
            let named = |node: &&Node| node.get("name").and_then(Node::as_str) == Some(&case.name);
            let at = nodes
                .iter()
                .rfind(named)
                .map_or(Position::new(1, 1), |n| n.at);
            notes.error::<()>(at, format!("another case has the name {:?}", case.name), "");
        }
    }
}

fn case(
    node: &Node,
    default: Option<&[String]>,
    known: &Known,
    notes: &mut Notes<'_>,
) -> Option<Case> {
    notes.map(node, "a case", &["name", "resources", "assert"])?;
    let name = notes
        .required(node, "a case", "name")
        .and_then(|name| notes.text(name, "name"));
    let resources = match node.get("resources") {
        Some(own) => inputs(Some(own), known, notes),
        None => default.map(<[String]>::to_vec),
    };
    if node.get("resources").is_none() && known.resources.is_empty() {
        let hint = "give one with --resources NAME=FILE";
        notes.error::<()>(node.at, "the case has no resources to judge", hint);
    }
    let list = notes.required(node, "a case", "assert")?;
    let list = notes.list(list, "assert")?;
    let assertions: Vec<_> = list
        .iter()
        .filter_map(|node| assertion(node, known, notes))
        .collect();
    let is_whole = assertions.len() == list.len();
    is_whole.then_some(Case {
        name: name?,
        resources: resources?,
        assertions,
    })
}

/// The names of the inputs to judge; all if none is said.
fn inputs(node: Option<&Node>, known: &Known, notes: &mut Notes<'_>) -> Option<Vec<String>> {
    let Some(node) = node else {
        return Some(known.resources.clone());
    };
    let nodes = match &node.content {
        Content::List(_) => notes.list(node, "resources")?,
        _ => std::slice::from_ref(node),
    };
    let names: Vec<String> = nodes
        .iter()
        .filter_map(|node| input(node, known, notes))
        .collect();
    (names.len() == nodes.len()).then_some(names)
}

fn input(node: &Node, known: &Known, notes: &mut Notes<'_>) -> Option<String> {
    let name = notes.text(node, "resources")?;
    if known.resources.contains(&name) {
        return Some(name);
    }
    let names = || known.resources.iter().map(String::as_str);
    let hint = match suggest::nearest(&name, names()) {
        Some(near) => format!("did you mean {near}?"),
        None if known.resources.is_empty() => "give it with --resources NAME=FILE".to_owned(),
        None => format!("given are {}", known.resources.join(", ")),
    };
    notes.error(
        node.at,
        format!("no resources named {name} are given"),
        &hint,
    )
}

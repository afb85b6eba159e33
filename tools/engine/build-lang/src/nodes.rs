//! Targets as queries see them: before they are configured, with all that they may depend on.

use std::collections::HashSet;

use build_graph::TargetLabel;
use serde_json::{Map, Value as Json};

use crate::Result;
use crate::attrs::{Coerced, DepKind, SelectKey};
use crate::cells::join;
use crate::macros::Part;
use crate::package::buck_file;
use crate::project::Project;
use crate::rule::Target;

/// A target of the unconfigured graph.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its label.
    pub label: TargetLabel,
    /// The name of its rule.
    pub rule: String,
    /// What it depends on, whatever `select()` decides: for itself, then tools, then toolchains.
    pub deps: Vec<TargetLabel>,
    /// Its `tests`.
    pub tests: Vec<TargetLabel>,
    /// The files of the repository that it takes, below the project root.
    pub inputs: Vec<String>,
    /// Its BUCK file, below the project root.
    pub build_file: String,
}

impl Project {
    /// A target, with its edges.
    pub fn node(&self, label: &TargetLabel) -> Result<Node> {
        let target = self.target(label)?;
        let found = Edges::of(&target);
        let folder = self.cells().project_path(&label.cell, &label.package);
        let inputs = found.sources.iter().map(|path| join(&folder, path));
        Ok(Node {
            label: label.clone(),
            rule: self.rule_name(label)?,
            tests: target
                .tests
                .iter()
                .map(|test| test.target.clone())
                .collect(),
            inputs: inputs.collect(),
            build_file: join(&folder, self.build_file_name(&folder)),
            deps: found.deps(),
        })
    }

    fn build_file_name(&self, folder: &str) -> &'static str {
        buck_file(&self.cells().root.join(folder)).unwrap_or("BUCK")
    }

    /// The attributes of a target as `uquery --output-attribute` has them: first those that
    /// describe it (`buck.…`), then those that every rule has, then its rule's own.
    pub fn attributes(&self, label: &TargetLabel) -> Result<Vec<(String, Json)>> {
        let target = self.target(label)?;
        let node = self.node(label)?;
        let edges = Edges::of(&target);
        let labels = |labels: &[TargetLabel]| texts(labels.iter().map(ToString::to_string));
        let file = self.build_file_name(&self.cells().project_path(&label.cell, &label.package));
        let mut all = vec![
            ("buck.type", Json::from(node.rule.as_str())),
            ("buck.configuration_deps", labels(&distinct(edges.settings))),
            ("buck.deps", labels(&node.deps)),
            (
                "buck.package",
                Json::from(format!("{}//{}:{file}", label.cell, label.package)),
            ),
            ("buck.oncall", Json::Null),
            ("buck.tree_modifiers", Json::Null),
            ("name", Json::from(&*label.name)),
        ];
        all.extend(self.implicit_attributes(&target));
        let mut all: Vec<(String, Json)> = all
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        for (name, coerced) in &target.attrs {
            all.push((name.clone(), json(coerced, label)));
        }
        Ok(all)
    }

    /// What `targets --json` says of a target: what describes it, and the attributes that its BUCK
    /// file gives.
    pub fn description(&self, label: &TargetLabel) -> Result<Vec<(String, Json)>> {
        let target = self.target(label)?;
        let node = self.node(label)?;
        let rule = format!("{}:{}", target.rule.file, node.rule);
        let inputs = node.inputs.iter().map(|path| {
            let (cell, below) = self.cells().locate(path);
            format!("{cell}//{below}")
        });
        let package = format!("{}//{}", label.cell, label.package);
        let mut all = vec![
            ("buck.type".to_owned(), Json::from(rule)),
            (
                "buck.deps".to_owned(),
                texts(node.deps.iter().map(ToString::to_string)),
            ),
            ("buck.inputs".to_owned(), texts(inputs)),
            ("buck.package".to_owned(), Json::from(package)),
        ];
        let is_shown = |name: &str| {
            matches!(name, "name" | "visibility" | "within_view") || target.given.contains(name)
        };
        let attributes = self.attributes(label)?.into_iter();
        all.extend(attributes.filter(|(name, _)| is_shown(name)));
        Ok(all)
    }

    fn implicit_attributes(&self, target: &Target) -> Vec<(&'static str, Json)> {
        let compatibility = &target.compatibility;
        let platform = target.default_target_platform.as_ref();
        vec![
            (
                "default_target_platform",
                platform.map_or(Json::Null, |label| Json::from(label.to_string())),
            ),
            (
                "target_compatible_with",
                json(&compatibility.all, &target.label),
            ),
            ("compatible_with", json(&compatibility.any, &target.label)),
            (
                "exec_compatible_with",
                json(&compatibility.execution, &target.label),
            ),
            ("visibility", texts(target.visibility.texts())),
            ("within_view", texts(target.within_view.texts())),
            ("metadata", in_order(&target.metadata)),
            ("tests", texts(target.tests.iter().map(ToString::to_string))),
            ("modifiers", Json::Array(Vec::new())),
        ]
    }
}

fn texts(texts: impl IntoIterator<Item = String>) -> Json {
    Json::Array(texts.into_iter().map(Json::String).collect())
}

fn distinct(labels: Vec<TargetLabel>) -> Vec<TargetLabel> {
    let mut seen = HashSet::new();
    labels
        .into_iter()
        .filter(|label| seen.insert(label.clone()))
        .collect()
}

/// What stands in the values of attributes, in their order.
#[derive(Default)]
struct Edges {
    deps: Vec<TargetLabel>,
    tools: Vec<TargetLabel>,
    toolchains: Vec<TargetLabel>,
    /// The keys of `select()`, and what compatibility looks at.
    settings: Vec<TargetLabel>,
    sources: Vec<String>,
}

impl Edges {
    fn of(target: &Target) -> Edges {
        let compatibility = &target.compatibility;
        let mut edges = Edges::default();
        edges
            .settings
            .extend(target.default_target_platform.clone());
        for wanted in [
            &compatibility.all,
            &compatibility.any,
            &compatibility.execution,
        ] {
            edges.add_settings(wanted);
        }
        target
            .attrs
            .iter()
            .for_each(|(_, coerced)| edges.add(coerced));
        edges
    }

    /// Dependencies, then tools, then toolchains: Buck2's order.
    fn deps(self) -> Vec<TargetLabel> {
        let kinds = [self.deps, self.tools, self.toolchains];
        kinds.into_iter().flat_map(distinct).collect()
    }

    /// The labels of a compatibility attribute.
    fn add_settings(&mut self, coerced: &Coerced) {
        match coerced {
            Coerced::Label(label) => self.settings.push(label.target.clone()),
            Coerced::Select(branches) => {
                for (key, value) in branches {
                    self.add_key(key);
                    self.add_settings(value);
                }
            }
            _ => {
                let inner = coerced.inner().into_iter();
                inner.for_each(|inner| self.add_settings(inner));
            }
        }
    }

    fn add_key(&mut self, key: &SelectKey) {
        if let SelectKey::Setting(label) = key {
            self.settings.push(label.target.clone());
        }
    }

    fn add_dep(&mut self, label: &TargetLabel, kind: DepKind) {
        match kind {
            DepKind::Target | DepKind::Configuration => self.deps.push(label.clone()),
            DepKind::Exec => self.tools.push(label.clone()),
            DepKind::Toolchain => self.toolchains.push(label.clone()),
        }
    }

    fn add(&mut self, coerced: &Coerced) {
        match coerced {
            Coerced::Dep(label, kind, _) => self.add_dep(&label.target, *kind),
            Coerced::SourceTarget(label) => self.add_dep(&label.target, DepKind::Target),
            Coerced::Arg(parts) => {
                for part in parts {
                    match (part, part.dep()) {
                        (_, Some((label, kind))) => self.add_dep(&label.target, kind),
                        (Part::Source(path), None) => self.sources.push(path.clone()),
                        _ => {}
                    }
                }
            }
            Coerced::Source(path) => self.sources.push(path.clone()),
            Coerced::Select(branches) => {
                for (key, value) in branches {
                    self.add_key(key);
                    self.add(value);
                }
            }
            _ => coerced
                .inner()
                .into_iter()
                .for_each(|inner| self.add(inner)),
        }
    }
}

/// A value as queries print it.
fn json(coerced: &Coerced, owner: &TargetLabel) -> Json {
    let list =
        |items: &[Coerced]| Json::Array(items.iter().map(|item| json(item, owner)).collect());
    match coerced {
        Coerced::None | Coerced::Unset => Json::Null,
        Coerced::Bool(value) => Json::from(*value),
        Coerced::Int(value) => Json::from(*value),
        Coerced::String(text) => Json::from(text.as_str()),
        Coerced::Source(path) => Json::from(format!("{}//{}/{path}", owner.cell, owner.package)),
        Coerced::SourceTarget(label) | Coerced::Label(label) | Coerced::Dep(label, ..) => {
            Json::from(label.to_string())
        }
        Coerced::Arg(parts) => {
            Json::from(parts.iter().map(ToString::to_string).collect::<String>())
        }
        Coerced::List(items) | Coerced::Tuple(items) => list(items),
        Coerced::Dict(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let key = json(key, owner);
                let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                (key, json(value, owner))
            });
            sorted(entries.collect())
        }
        Coerced::Select(branches) => {
            let entries = branches
                .iter()
                .map(|(key, value)| (key.to_string(), json(value, owner)));
            let mut selector = Map::new();
            selector.insert("__type".to_owned(), Json::from("selector"));
            selector.insert("entries".to_owned(), sorted(entries.collect()));
            Json::Object(selector)
        }
        Coerced::Sum(left, right) => {
            let mut items = Vec::new();
            flatten(left, owner, &mut items);
            flatten(right, owner, &mut items);
            let mut concat = Map::new();
            concat.insert("__type".to_owned(), Json::from("concat"));
            concat.insert("items".to_owned(), Json::Array(items));
            Json::Object(concat)
        }
    }
}

/// The same with the keys of all objects sorted.
fn in_order(value: &Json) -> Json {
    match value {
        Json::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| (key.clone(), in_order(value)));
            sorted(entries.collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(in_order).collect()),
        other => other.clone(),
    }
}

fn sorted(mut entries: Vec<(String, Json)>) -> Json {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Object(entries.into_iter().collect())
}

fn flatten(coerced: &Coerced, owner: &TargetLabel, into: &mut Vec<Json>) {
    match coerced {
        Coerced::Sum(left, right) => {
            flatten(left, owner, into);
            flatten(right, owner, into);
        }
        other => into.push(json(other, owner)),
    }
}

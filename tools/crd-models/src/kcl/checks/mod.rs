//! What must hold of the values of a kind, as conditions for `check:` blocks.
//! None of them refuses what the API server accepts.
//!
//! - [`Checker`]: which conditions stand in which schema
//! - [`limits`], [`formats`], [`unique`], [`sized`], [`choices`]: the bounds of a value
//! - [`conditions`]: allOf, anyOf, oneOf and not
//! - [`resource`]: what every resource must be

pub mod choices;
mod conditions;
pub mod formats;
pub mod limits;
mod resource;
mod sized;
mod unique;

use super::reading::{self, NOT_HERE, can_stand, is_present};
use super::{literal, names, rules};
use crate::analysis::{Also, Field, Model, Object, Shape, Value};
use crate::cel::{Code, Level};
use crate::report::{Gap, Outcome, RuleOutcome, Spot};
use std::collections::{BTreeMap, HashSet};

/// A condition that must be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What must be true.
    pub condition: Code,
    /// What to say if it is not.
    pub message: String,
    /// What is true of a missing value too, where that costs less than to ask
    /// first whether it is missing.
    or_missing: Option<Code>,
    /// What many values are checked for in the same way.
    pub group: Option<Group>,
    /// The rule that it says, by its place in the report.
    rule: Option<usize>,
}

/// Checks that need one line for all fields of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// No element is null.
    NoNull,
    /// A whole number of 32 bits.
    Int32,
}

impl Check {
    /// A check of its own.
    pub fn new(condition: Code, message: impl Into<String>) -> Self {
        Self {
            condition,
            message: message.into(),
            or_missing: None,
            group: None,
            rule: None,
        }
    }

    /// The same, and what says it of a value that may be missing.
    fn or_missing(self, condition: Code) -> Self {
        Self {
            or_missing: Some(condition),
            ..self
        }
    }

    /// The same, and another check's condition for a value that may be missing.
    fn same_of_missing(self, other: Option<Check>) -> Self {
        Self {
            or_missing: other.map(|other| other.condition),
            ..self
        }
    }

    /// The same of a value that may be missing.
    fn unless(self, missing: &Code) -> Self {
        let guarded = Code::any([missing.clone(), self.condition]);
        Self {
            condition: self.or_missing.unwrap_or(guarded),
            or_missing: None,
            ..self
        }
    }

    /// The same of a part: a condition around it, and where the part is.
    fn wrapped(self, message: String, wrap: impl Fn(Code) -> Code) -> Self {
        Self {
            condition: wrap(self.condition),
            message,
            or_missing: None,
            group: None,
            rule: self.rule,
        }
    }
}

/// The checks of one schema.
#[derive(Debug, Default)]
pub struct Found {
    /// Each with the field that it is about, if it is about one.
    pub checks: Vec<(Option<String>, Check)>,
    /// What is not checked, for people.
    pub gaps: Vec<String>,
}

/// Whose schemas are checked.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'m> {
    /// A whole resource.
    Resource(&'m Model),
    /// A type of a library, by the package it is in and its name there.
    Type(&'m str, &'m str),
}

/// The fields of the scale subresource, whose types the schema need not say.
fn scale_gaps(model: &Model) -> Vec<Gap> {
    let gap = |path: &str| Gap {
        spot: Spot {
            api_version: model.api_version(),
            kind: model.kind.clone(),
            path: path.trim_start_matches('.').to_owned(),
        },
        constraint: "scale".to_owned(),
    };
    let paths = model.scale.iter().flat_map(|scale| {
        let replicas = [&scale.spec_replicas_path, &scale.status_replicas_path];
        replicas.into_iter().chain(&scale.label_selector_path)
    });
    paths.map(|path| gap(path)).collect()
}

/// Finds the checks of a kind's schemas, the inner ones first.
pub struct Checker<'m> {
    subject: Subject<'m>,
    /// Objects of which some checks stand in the schema around them.
    leaning: HashSet<*const Object>,
    rules: Vec<RuleOutcome>,
    /// The place of each rule in `rules`.
    known: BTreeMap<(String, usize), usize>,
    gaps: Vec<Gap>,
}

impl<'m> Checker<'m> {
    /// A checker of this kind or type.
    pub fn new(subject: Subject<'m>) -> Self {
        Self {
            subject,
            leaning: HashSet::new(),
            rules: Vec::new(),
            known: BTreeMap::new(),
            gaps: match subject {
                Subject::Resource(model) => scale_gaps(model),
                Subject::Type(..) => Vec::new(),
            },
        }
    }

    /// What became of the rules, and what else is not checked.
    pub fn outcome(self) -> (Vec<RuleOutcome>, Vec<Gap>) {
        (self.rules, self.gaps)
    }

    /// The checks of the schema of an object; `value` is the value that it is
    /// the shape of, none for the whole resource.
    pub fn own(&mut self, object: &'m Object, value: Option<&'m Value>, path: &str) -> Found {
        let mut found = Found::default();
        let units = self.units(object, value, &reading::this(), path, 0);
        let is_root = path.is_empty();
        for (field, check) in units {
            if can_stand(&check.condition) {
                self.note(&check);
                found.checks.push((field, check));
            } else if is_root {
                self.leave(path, field.as_deref(), &check);
            } else {
                self.leaning.insert(std::ptr::from_ref(object));
            }
        }
        found.gaps = self.unsaid(path);
        found
    }

    fn note(&mut self, check: &Check) {
        if let Some(rule) = check.rule {
            self.rules[rule].outcome = Outcome::Checked;
        }
    }

    /// A check of the whole resource that can stand nowhere.
    fn leave(&mut self, path: &str, field: Option<&str>, check: &Check) {
        if check.rule.is_none() {
            let path = field.map_or_else(|| path.to_owned(), |field| joined(path, field));
            self.gap(&path, check.message.clone());
        }
    }

    fn spot(&self, path: &str) -> Spot {
        let (api_version, kind) = match self.subject {
            Subject::Resource(model) => (model.api_version(), model.kind.as_str()),
            Subject::Type(package, name) => (package.to_owned(), name),
        };
        Spot {
            api_version,
            kind: kind.to_owned(),
            path: path.to_owned(),
        }
    }

    fn gap(&mut self, path: &str, constraint: String) {
        let gap = Gap {
            spot: self.spot(path),
            constraint,
        };
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    /// What is not checked at a path or directly below it, for people.
    fn unsaid(&self, path: &str) -> Vec<String> {
        let is_here = |spot: &Spot| {
            let rest = spot
                .path
                .strip_prefix(path)
                .map(|rest| rest.trim_start_matches('.'));
            rest.is_some_and(|rest| !rest.contains('.'))
        };
        let rules = self.rules.iter().filter(|rule| is_here(&rule.spot));
        let rules = rules.filter_map(|rule| match &rule.outcome {
            Outcome::NotChecked(reason) if reason != NOT_HERE => {
                Some(format!("{} ({reason})", one_line(&rule.rule)))
            }
            _ => None,
        });
        let gaps = self.gaps.iter().filter(|gap| is_here(&gap.spot));
        let gaps = gaps.map(|gap| match gap.spot.path.strip_prefix(path) {
            Some("") | None => gap.constraint.clone(),
            Some(rest) => format!("{}: {}", rest.trim_start_matches('.'), gap.constraint),
        });
        rules.chain(gaps).collect()
    }

    /// Every check that is about the object or a field of it, where its own
    /// schema or the one around it is to say it.
    fn units(
        &mut self,
        object: &'m Object,
        value: Option<&'m Value>,
        this: &Code,
        path: &str,
        depth: usize,
    ) -> Vec<(Option<String>, Check)> {
        let mut units = Vec::new();
        for field in &object.fields {
            let found = self.field(field, this, &joined(path, &field.name), depth);
            units.extend(
                found
                    .into_iter()
                    .map(|check| (Some(field.name.clone()), check)),
            );
        }
        let whole = self.whole(object, value, this, path, depth);
        units.extend(whole.into_iter().map(|check| (None, check)));
        units
    }

    /// The checks of a field; one that is missing breaks none of them.
    fn field(&mut self, field: &'m Field, this: &Code, path: &str, depth: usize) -> Vec<Check> {
        let value = &field.value;
        if matches!(value.shape, Shape::Literal(_) | Shape::ObjectMeta) {
            return Vec::new();
        }
        let raw = reading::raw(this, &field.name);
        let mut checks = Vec::new();
        if field.required && value.nullable && value.default.is_none() {
            let given = reading::is_given(&raw);
            checks.push(Check::new(given, "required, though it may be null"));
        }
        if value.nullable && value.choices.is_some() {
            let code = raw.at(Level::Sum);
            let condition = Code::new(Level::Comparison, format!("{code} is not None"));
            checks.push(Check::new(
                condition,
                "null is none of the permitted values",
            ));
        }
        let missing = is_present(&raw).negated();
        let mut found = Vec::new();
        if names::attribute(&field.name).is_none() {
            found.extend(typed(value, &raw));
        }
        found.extend(self.value(value, &raw, path, depth));
        checks.extend(found.into_iter().map(|check| check.unless(&missing)));
        checks
    }

    /// The checks of a value that is not null.
    fn value(&mut self, value: &'m Value, this: &Code, path: &str, depth: usize) -> Vec<Check> {
        if let Shape::Object(object) = &value.shape {
            return self.leaning(object, value, this, path, depth);
        }
        let mut checks = limits::kept(value, this);
        checks.extend(required_entries(value, this));
        checks.extend(self.stated(value, this, path, depth));
        match &value.shape {
            Shape::List(element) => checks.extend(self.elements(element, this, path, depth)),
            Shape::Map(entry) => checks.extend(self.entries(entry, this, path, depth)),
            _ => {}
        }
        checks
    }

    /// Whether null is read as a value: Go makes an empty text or 0 of it, and
    /// only a CRD's schema refuses it before that.
    fn is_lenient(&self, element: &Value) -> bool {
        matches!(self.subject, Subject::Type(..)) && reading::is_scalar(&element.shape)
    }

    fn bounds(&mut self, value: &Value, this: &Code, path: &str) -> Vec<Check> {
        let bounds = limits::bounds(value, &value.limits, this);
        for gap in bounds.gaps {
            self.gap(path, gap);
        }
        bounds.checks
    }

    fn elements(
        &mut self,
        element: &'m Value,
        this: &Code,
        path: &str,
        depth: usize,
    ) -> Vec<Check> {
        let variable = Code::atom(format!("_i{depth}"));
        let list = range(this, "[*", "]");
        let quantified = |condition: Code| {
            let condition = limits::unless_null(element, &variable, condition);
            Code::atom(format!("all {variable} in {list} {{ {condition} }}"))
        };
        let mut checks = Vec::new();
        let may_be_null = element.nullable || element.default.is_some() || self.is_lenient(element);
        if !may_be_null && element.shape != Shape::Any {
            checks.push(Check {
                group: Some(Group::NoNull),
                ..Check::new(
                    Code::new(
                        Level::Comparison,
                        format!("None not in {}", this.at(Level::Sum)),
                    ),
                    "no element may be null",
                )
            });
        } else if element.default.is_none() && element.choices.is_some() {
            checks.push(Check::new(
                Code::new(
                    Level::Comparison,
                    format!("None not in {}", this.at(Level::Sum)),
                ),
                "null is none of the permitted values",
            ));
        }
        let below = self.value(element, &variable, &format!("{path}[]"), depth + 1);
        checks.extend(below.into_iter().map(|check| {
            let message = format!("each element: {}", check.message);
            check.wrapped(message, quantified)
        }));
        checks
    }

    fn entries(&mut self, entry: &'m Value, this: &Code, path: &str, depth: usize) -> Vec<Check> {
        let (key, variable) = (format!("_k{depth}"), Code::atom(format!("_v{depth}")));
        let map = range(this, "{**", "}");
        // The API server drops a null that is not nullable.
        let quantified = |condition: Code| {
            let condition = Code::any([is_present(&variable).negated(), condition]);
            Code::atom(format!("all {key}, {variable} in {map} {{ {condition} }}"))
        };
        let mut checks = Vec::new();
        if entry.nullable && entry.choices.is_some() {
            let condition = format!("all {key}, {variable} in {map} {{ {variable} is not None }}");
            let message = "null is none of the permitted values";
            checks.push(Check::new(Code::atom(condition), message));
        }
        let below = self.value(entry, &variable, &format!("{path}{{}}"), depth + 1);
        checks.extend(below.into_iter().map(|check| {
            let message = format!("each value: {}", check.message);
            check.wrapped(message, quantified)
        }));
        checks
    }

    /// The checks of an object that its own schema cannot say.
    fn leaning(
        &mut self,
        object: &'m Object,
        value: &'m Value,
        this: &Code,
        path: &str,
        depth: usize,
    ) -> Vec<Check> {
        if !self.leaning.contains(&std::ptr::from_ref(object)) {
            return Vec::new();
        }
        let own = self.units(object, Some(value), &reading::this(), path, depth);
        let here = self.units(object, Some(value), this, path, depth);
        let pairs = own.into_iter().zip(here);
        pairs
            .filter(|((_, own), _)| !can_stand(&own.condition))
            .map(|(_, (field, check))| {
                let message = match field {
                    Some(field) => format!("{field}: {}", check.message),
                    None => check.message.clone(),
                };
                check.wrapped(message, |condition| condition)
            })
            .collect()
    }

    /// What holds for an object as a whole.
    fn whole(
        &mut self,
        object: &'m Object,
        value: Option<&'m Value>,
        this: &Code,
        path: &str,
        depth: usize,
    ) -> Vec<Check> {
        let mut checks: Vec<Check> = Vec::new();
        for name in &object.never_there {
            let message = format!("{name} is required, yet no such field is declared");
            checks.push(Check::new(Code::bool(false), message));
        }
        if !object.open {
            checks.extend(only_declared(object, this));
        }
        if let Subject::Resource(model) = self.subject
            && value.is_none()
        {
            checks.extend(resource::checks(model));
            let as_value = root_value(model);
            checks.extend(self.bounds(&as_value, this, path));
            checks.extend(conditions::checks(&as_value, this, depth));
            checks.extend(self.rules(&model.also, None, Some(object), this, path));
        }
        if let Some(value) = value {
            checks.extend(self.stated(value, this, path, depth));
        }
        checks
    }

    /// What the schema of a value states of all of it, whatever its shape.
    fn stated(&mut self, value: &'m Value, this: &Code, path: &str, depth: usize) -> Vec<Check> {
        let mut checks = choices::checks(value, this);
        checks.extend(self.bounds(value, this, path));
        checks.extend(conditions::checks(value, this, depth));
        if value.embedded {
            checks.push(is_resource(this));
        }
        checks.extend(self.rules(&value.also, Some(value), None, this, path));
        checks
    }

    fn rules(
        &mut self,
        also: &'m Also,
        value: Option<&'m Value>,
        root: Option<&'m Object>,
        this: &Code,
        path: &str,
    ) -> Vec<Check> {
        let mut checks = Vec::new();
        for (index, rule) in also.rules.iter().enumerate() {
            let place = self.place_of(path, index, &rule.source.rule);
            if rule.is_transition() {
                self.rules[place].outcome = Outcome::Transition;
                continue;
            }
            match rules::holds(rule, value, root, this) {
                Ok(condition) => checks.push(Check {
                    rule: Some(place),
                    ..Check::new(condition, rules::message(rule))
                }),
                Err(reason) => self.rules[place].outcome = Outcome::NotChecked(reason),
            }
        }
        checks
    }

    fn place_of(&mut self, path: &str, index: usize, rule: &str) -> usize {
        let key = (path.to_owned(), index);
        if let Some(place) = self.known.get(&key) {
            return *place;
        }
        let place = self.rules.len();
        self.rules.push(RuleOutcome {
            spot: self.spot(path),
            rule: rule.to_owned(),
            outcome: Outcome::NotChecked(NOT_HERE.to_owned()),
        });
        self.known.insert(key, place);
        place
    }
}

fn root_value(model: &Model) -> Value {
    Value {
        shape: Shape::Object(model.root.clone()),
        limits: model.limits.clone(),
        also: model.also.clone(),
        ..Value::any()
    }
}

/// The type of a field that KCL cannot declare.
fn typed(value: &Value, this: &Code) -> Option<Check> {
    let condition = match value.shape {
        Shape::Any => return None,
        Shape::Bool => is_kind(this, &["bool"]),
        Shape::Int => is_kind(this, &["int"]),
        Shape::Number => is_kind(this, &["int", "float"]),
        Shape::Str | Shape::Literal(_) => is_kind(this, &["str"]),
        Shape::IntOrStr => is_kind(this, &["int", "str"]),
        Shape::NumberOrStr => is_kind(this, &["int", "float", "str"]),
        Shape::List(_) => is_kind(this, &["list"]),
        Shape::Map(_)
        | Shape::Object(_)
        | Shape::FreeObject
        | Shape::ObjectMeta
        | Shape::Named(_)
        | Shape::Union(_) => is_object(this),
    };
    Some(Check::new(condition, "has another type"))
}

/// A schema that cannot declare all fields is open to any. The one around it
/// knows them.
fn only_declared(object: &Object, this: &Code) -> Option<Check> {
    let mut fields = object.fields.iter();
    fields.find(|field| names::attribute(&field.name).is_none())?;
    let names: Vec<String> = object
        .fields
        .iter()
        .map(|field| literal::string(&field.name))
        .collect();
    let names = names.join(", ");
    let condition = Code::atom(format!(
        "_all_true([_k in [{names}] for _k in _any({this})])"
    ));
    Some(Check::new(condition, "a field that is not declared"))
}

/// The entries that a map or a free object must have.
fn required_entries(value: &Value, this: &Code) -> Vec<Check> {
    if !matches!(value.shape, Shape::Map(_) | Shape::FreeObject) {
        return Vec::new();
    }
    let drops_null = match &value.shape {
        Shape::Map(entry) => !entry.nullable && entry.default.is_none(),
        _ => false,
    };
    let required = value.required.iter().map(|name| {
        let entry = reading::entry(this, &Code::atom(literal::string(name)));
        let condition = match drops_null {
            true => is_present(&entry),
            false => reading::is_given(&entry),
        };
        Check::new(condition, format!("{name} is required"))
    });
    required.collect()
}

/// `spec.size`.
pub fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn one_line(rule: &str) -> String {
    rule.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_resource(this: &Code) -> Check {
    let condition = formats::helper("is_resource", &[this]);
    Check::new(
        condition,
        "a resource: apiVersion, kind and metadata as every resource has them",
    )
}

/// `typeof` of a value that is not null.
pub fn is_kind(this: &Code, kinds: &[&str]) -> Code {
    let (same, differs, right) = match kinds {
        [only] => ("==", "!=", format!("\"{only}\"")),
        several => {
            let listed: Vec<String> = several.iter().map(|kind| format!("\"{kind}\"")).collect();
            ("in", "not in", format!("[{}]", listed.join(", ")))
        }
    };
    Code::with_opposite(
        Level::Comparison,
        format!("_typeof({this}) {same} {right}"),
        format!("_typeof({this}) {differs} {right}"),
    )
}

/// Whether a value that is not null has fields: a dict, or an instance of a
/// schema, whose `typeof` is the schema's name.
pub fn is_object(this: &Code) -> Code {
    let scalars = "[\"str\", \"int\", \"float\", \"bool\", \"list\"]";
    Code::with_opposite(
        Level::Comparison,
        format!("_typeof({this}) not in {scalars}"),
        format!("_typeof({this}) in {scalars}"),
    )
}

/// What a quantifier takes as its range: a path, or else a literal around it.
pub fn range(code: &Code, open: &str, close: &str) -> String {
    let text = code.to_string();
    let is_path = code.at(Level::Atom) == text && !text.contains('(');
    if is_path || text.starts_with(['[', '{']) {
        text
    } else {
        format!("{open}{text}{close}")
    }
}

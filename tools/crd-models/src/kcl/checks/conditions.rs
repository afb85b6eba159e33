//! allOf, anyOf, oneOf and not.
//!
//! A part that KCL cannot say in full must never make it refuse a valid value.
//! So each part has two conditions: one that is true only where the part
//! surely holds, and one that is true wherever it may hold.

use super::limits::{self, Kinds};
use super::{Check, choices, is_kind, is_object};
use crate::analysis::{Condition, Field, Object, Partial, Shape, Value};
use crate::cel::{Code, Level};
use crate::kcl::reading::{self, Reading, is_present};
use kube_schema::Type;

/// When a part holds, as far as can be said.
#[derive(Debug, Clone)]
struct Approximation {
    /// True only where it holds.
    surely: Code,
    /// True wherever it holds.
    maybe: Code,
}

impl Approximation {
    fn exact(condition: Code) -> Self {
        Self {
            surely: condition.clone(),
            maybe: condition,
        }
    }

    fn unknown() -> Self {
        Self {
            surely: Code::bool(false),
            maybe: Code::bool(true),
        }
    }

    fn all(parts: &[Self]) -> Self {
        Self {
            surely: Code::all(parts.iter().map(|part| part.surely.clone())),
            maybe: Code::all(parts.iter().map(|part| part.maybe.clone())),
        }
    }

    fn any(parts: &[Self]) -> Self {
        Self {
            surely: Code::any(parts.iter().map(|part| part.surely.clone())),
            maybe: Code::any(parts.iter().map(|part| part.maybe.clone())),
        }
    }

    fn not(&self) -> Self {
        Self {
            surely: self.maybe.negated(),
            maybe: self.surely.negated(),
        }
    }

    /// Exactly one.
    fn one(parts: &[Self]) -> Self {
        if parts.iter().all(Self::is_exact) {
            let texts: Vec<String> = parts.iter().map(|part| part.maybe.to_string()).collect();
            let count = format!("_len([_c for _c in [{}] if _c]) == 1", texts.join(", "));
            return Self::exact(Code::new(Level::Comparison, count));
        }
        let each = (0..parts.len()).map(|index| {
            let others = parts
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index);
            let mut all: Vec<Self> = others.map(|(_, part)| part.not()).collect();
            all.insert(0, parts[index].clone());
            Self::all(&all)
        });
        Self::any(&each.collect::<Vec<_>>())
    }

    fn is_exact(&self) -> bool {
        self.surely == self.maybe
    }

    fn implied_by(self, condition: &Code) -> Self {
        Self {
            surely: Code::any([condition.negated(), self.surely]),
            maybe: Code::any([condition.negated(), self.maybe]),
        }
    }

    fn quantified(self, quantify: impl Fn(Code) -> Code) -> Self {
        Self {
            surely: quantify(self.surely),
            maybe: quantify(self.maybe),
        }
    }
}

/// The combinators of a value that is not null. `depth` numbers the variables
/// of loops.
pub fn checks(value: &Value, this: &Code, depth: usize) -> Vec<Check> {
    let also = value.also.conditions.iter();
    also.flat_map(|condition| match condition {
        // Each part of an allOf is a check of its own.
        Condition::All(parts) => parts
            .iter()
            .map(|part| {
                let condition = partial(part, value, this, depth).maybe;
                Check::new(condition, described("allOf", std::slice::from_ref(part)))
            })
            .collect(),
        condition => {
            let approximation = approximate(condition, value, this, depth);
            vec![Check::new(approximation.maybe, message(condition))]
        }
    })
    .collect()
}

fn message(condition: &Condition) -> String {
    match condition {
        Condition::All(parts) => described("allOf", parts),
        Condition::Any(parts) => described("anyOf", parts),
        Condition::One(parts) => described("oneOf", parts),
        Condition::Not(part) => described("not", std::slice::from_ref(part)),
        Condition::Names(_) => "a field has a name that it must not have".to_owned(),
    }
}

/// In the schema's own words, or in ours if the parts only ask for fields.
fn described(name: &str, parts: &[Partial]) -> String {
    if let [only] = parts
        && !only.description.is_empty()
    {
        return only.description.clone();
    }
    let only_required = |part: &Partial| {
        let rest = Partial {
            required: Vec::new(),
            ..part.clone()
        };
        rest.is_empty().then(|| part.required.join(" and "))
    };
    let required: Option<Vec<String>> = parts.iter().map(only_required).collect();
    let required = required.filter(|names| names.iter().all(|name| !name.is_empty()));
    match (name, required) {
        ("anyOf", Some(names)) => format!("at least one of {} is required", names.join(", ")),
        ("oneOf", Some(names)) => format!("exactly one of {} is required", names.join(", ")),
        ("allOf", Some(names)) => format!("{} is required", names.join(" and ")),
        ("not", Some(names)) => format!("{} must not be given", names.join(", ")),
        ("anyOf", None) => "none of the alternatives of anyOf holds".to_owned(),
        ("oneOf", None) => "not exactly one of the alternatives of oneOf holds".to_owned(),
        ("not", None) => "what not excludes holds".to_owned(),
        (name, _) => format!("a part of {name} does not hold"),
    }
}

fn approximate(condition: &Condition, value: &Value, this: &Code, depth: usize) -> Approximation {
    let parts = |parts: &[Partial]| -> Vec<Approximation> {
        parts
            .iter()
            .map(|part| partial(part, value, this, depth))
            .collect()
    };
    match condition {
        Condition::All(all) => Approximation::all(&parts(all)),
        Condition::Any(any) => Approximation::any(&parts(any)),
        Condition::One(one) => Approximation::one(&parts(one)),
        Condition::Not(part) => partial(part, value, this, depth).not(),
        Condition::Names(part) => field_names(part, value, this, depth),
    }
}

/// When the part holds for the name of every field of a map.
fn field_names(part: &Partial, value: &Value, this: &Code, depth: usize) -> Approximation {
    if !matches!(value.shape, Shape::Map(_) | Shape::FreeObject) {
        return Approximation::unknown();
    }
    let name = Value {
        shape: Shape::Str,
        ..Value::any()
    };
    let variable = Code::atom(format!("_n{depth}"));
    let holds = partial(part, &name, &variable, depth + 1);
    let map = this.at(Level::Or);
    holds.quantified(|condition| {
        Code::atom(format!("_all_true([{condition} for {variable} in {map}])"))
    })
}

/// When the part holds for a value that is not null.
fn partial(part: &Partial, value: &Value, this: &Code, depth: usize) -> Approximation {
    let mut all = vec![of_type(part, value, this)];
    if let Some(listed) = &part.choices {
        all.push(Approximation::exact(choices::is_one_of(
            value, listed, this,
        )));
    }
    let bounds = limits::bounds(value, &part.limits, this);
    let conditions = bounds.checks.into_iter().map(|check| check.condition);
    all.push(Approximation::exact(Code::all(conditions)));
    if !bounds.gaps.is_empty() {
        all.push(Approximation::unknown());
    }
    all.extend(fields(part, value, this, depth));
    all.extend(below(part, value, this, depth));
    let nested = part.conditions.iter();
    all.extend(nested.map(|condition| approximate(condition, value, this, depth)));
    Approximation::all(&all)
}

fn of_type(part: &Partial, value: &Value, this: &Code) -> Approximation {
    let Some(asked) = part.value_type else {
        return Approximation::exact(Code::bool(true));
    };
    let is = |kinds: &[&str]| Approximation::exact(is_kind(this, kinds));
    let known = |holds: bool| Approximation::exact(Code::bool(holds));
    match (&value.shape, asked) {
        (Shape::Any | Shape::IntOrStr | Shape::NumberOrStr, Type::String) => is(&["str"]),
        (Shape::IntOrStr, Type::Integer | Type::Number) => is(&["int"]),
        (Shape::Any, Type::Boolean) => is(&["bool"]),
        (Shape::Any | Shape::NumberOrStr, Type::Number) => is(&["int", "float"]),
        (Shape::Any, Type::Array) => is(&["list"]),
        (Shape::Any, Type::Object) => Approximation::exact(is_object(this)),
        // A float without fraction is an integer too.
        (Shape::Any | Shape::Number | Shape::NumberOrStr, Type::Integer) => {
            let whole = Code::new(
                Level::Comparison,
                format!("{} % 1 == 0", this.at(Level::Product)),
            );
            let is_int = is_kind(this, &["int"]);
            let is_float = is_kind(this, &["float"]);
            Approximation::exact(Code::any([is_int, Code::all([is_float, whole])]))
        }
        (Shape::Bool, Type::Boolean)
        | (Shape::Int, Type::Integer | Type::Number)
        | (Shape::Number, Type::Number)
        | (Shape::Str | Shape::Literal(_), Type::String)
        | (Shape::List(_), Type::Array)
        | (
            Shape::Map(_)
            | Shape::Object(_)
            | Shape::FreeObject
            | Shape::ObjectMeta
            | Shape::Named(_)
            | Shape::Union(_),
            Type::Object,
        ) => known(true),
        _ => known(false),
    }
}

/// What the part asks of named fields.
fn fields(part: &Partial, value: &Value, this: &Code, depth: usize) -> Vec<Approximation> {
    if !Kinds::of(&value.shape).may_be_object() {
        return Vec::new();
    }
    let guard = match value.shape {
        Shape::Any => is_object(this),
        _ => Code::bool(true),
    };
    let required = part
        .required
        .iter()
        .map(|name| match find(value, this, name) {
            Found::Never => Approximation::exact(Code::bool(false)),
            Found::Unknown => Approximation::unknown(),
            Found::Field(_, read) => Approximation::exact(read.exists),
        });
    let asked = part
        .fields
        .iter()
        .map(|(name, part)| match find(value, this, name) {
            Found::Never => Approximation::exact(Code::bool(true)),
            Found::Unknown => Approximation::unknown(),
            Found::Field(field, read) => field_holds(part, &field, &read, depth),
        });
    required
        .chain(asked)
        .map(|approximation| approximation.implied_by(&guard))
        .collect()
}

/// A field that is missing breaks nothing; one that is null is judged as null.
fn field_holds(part: &Partial, field: &Value, read: &Reading, depth: usize) -> Approximation {
    let holds = partial(part, field, &read.code, depth);
    let may_be_null = read.exists != read.present;
    if !may_be_null || null_passes(part) {
        return holds.implied_by(&read.present);
    }
    let present = Approximation::exact(read.present.clone());
    Approximation::all(&[present, holds]).implied_by(&read.exists)
}

/// Whether null passes.
fn null_passes(part: &Partial) -> bool {
    let type_fits = part.nullable || part.value_type.is_none();
    type_fits && part.choices.is_none() && part.conditions.iter().all(null_passes_condition)
}

fn null_passes_condition(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(null_passes),
        Condition::Any(parts) => parts.iter().any(null_passes),
        Condition::One(parts) => parts.iter().filter(|part| null_passes(part)).count() == 1,
        Condition::Not(part) => !null_passes(part),
        Condition::Names(_) => true,
    }
}

/// A field of an object, as its schema knows it.
enum Found {
    Field(Box<Value>, Reading),
    /// The server drops it, or refuses it.
    Never,
    Unknown,
}

fn find(value: &Value, this: &Code, name: &str) -> Found {
    let anything = || Found::Field(Box::new(anything()), reading::undeclared(this, name));
    if let Some(object) = value.shape.object() {
        return match declared(object, name) {
            Some(field) => match &field.value.shape {
                Shape::ObjectMeta => Found::Unknown,
                _ => Found::Field(Box::new(field.value.clone()), reading::field(this, field)),
            },
            None if object.open => anything(),
            None => Found::Never,
        };
    }
    match &value.shape {
        Shape::Named(_) | Shape::Union(_) => Found::Unknown,
        Shape::Map(entry) => {
            let field = Field {
                name: name.to_owned(),
                required: false,
                value: Value {
                    default: None,
                    ..(**entry).clone()
                },
            };
            let read = reading::entry_of_map(this, &field);
            Found::Field(Box::new(field.value), read)
        }
        Shape::Any | Shape::FreeObject => anything(),
        Shape::ObjectMeta => Found::Unknown,
        _ => Found::Never,
    }
}

fn declared<'o>(object: &'o Object, name: &str) -> Option<&'o Field> {
    object.fields.iter().find(|field| field.name == name)
}

fn anything() -> Value {
    Value {
        nullable: true,
        ..Value::any()
    }
}

/// What the part asks of every element or entry.
fn below(part: &Partial, value: &Value, this: &Code, depth: usize) -> Vec<Approximation> {
    let mut found = Vec::new();
    let variable = Code::atom(format!("_p{depth}"));
    if let (Some(asked), Shape::List(element)) = (&part.element, &value.shape) {
        let holds = element_holds(asked, element, &variable, depth);
        let list = this.at(Level::Or);
        found.push(holds.quantified(|condition| {
            Code::atom(format!("_all_true([{condition} for {variable} in {list}])"))
        }));
    } else if part.element.as_ref().is_some_and(|asked| !asked.is_empty())
        && matches!(value.shape, Shape::Any)
    {
        found.push(Approximation::unknown());
    }
    if let (Some(asked), Shape::Map(entry)) = (&part.entries, &value.shape) {
        let holds = element_holds(asked, entry, &variable, depth);
        let map = this.at(Level::Or);
        found.push(holds.quantified(|condition| {
            Code::atom(format!(
                "_all_true([{condition} for _, {variable} in {map}])"
            ))
        }));
    } else if part.entries.as_ref().is_some_and(|asked| !asked.is_empty()) {
        found.push(Approximation::unknown());
    }
    found
}

fn element_holds(part: &Partial, element: &Value, this: &Code, depth: usize) -> Approximation {
    let holds = partial(part, element, this, depth + 1);
    if element.nullable && !null_passes(part) {
        let present = Approximation::exact(is_present(this));
        return Approximation::all(&[present, holds]);
    }
    holds.implied_by(&is_present(this))
}

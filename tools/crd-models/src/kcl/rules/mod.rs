//! CEL rules in KCL: what [`crate::cel`] asks of a language.
//!
//! - [`holds`]: a rule as a condition
//! - [`calls`]: functions; [`arithmetic`]: numbers; [`values`]: what KCL has for
//!   values that it has no type for
//!
//! Types without a counterpart are lists: an IP address is its bytes, a
//! timestamp its seconds and nanoseconds, bytes are numbers.

mod arithmetic;
mod calls;
mod values;

use super::checks::{is_kind, is_object};
use super::literal;
use super::reading::{self, is_present};
use crate::analysis::{Field, Object, Rule, Shape, Unique, Value};
use crate::cel::{self, Code, Level, Made, Part, Place, Reason, Target, Term};
use cel_frontend::{Literal, Type};
use std::cell::RefCell;

/// When a rule holds for the value `this`: `value`, or else the whole resource.
///
/// # Errors
/// What of it KCL cannot say.
pub fn holds(
    rule: &Rule,
    value: Option<&Value>,
    root: Option<&Object>,
    this: &Code,
) -> Result<Code, Reason> {
    let tree = rule.tree.as_ref().map_err(ToString::to_string)?;
    let place = match (value, root) {
        (Some(value), _) => Place::Value(value),
        (None, Some(root)) => Place::Object(root),
        (None, None) => return Err("a rule of nothing".to_owned()),
    };
    let target = Kcl {
        is_root: value.is_none(),
        ..Kcl::default()
    };
    let this = Term::part(this.clone(), rule.this.clone(), place);
    let holds = cel::holds(tree, this, &target)?;
    if let Some(reason) = target.unsaid.into_inner() {
        return Err(reason);
    }
    let assumed = target.assumed.into_inner();
    Ok(Code::any(assumed.iter().map(Code::negated).chain([holds])))
}

/// What to say if it does not hold.
pub fn message(rule: &Rule) -> String {
    let message = rule.source.message.trim();
    let text = if message.is_empty() {
        format!("failed rule: {}", rule.source.rule)
    } else {
        message.to_owned()
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct Kcl {
    /// Whether the rule is one of the whole resource.
    is_root: bool,
    /// Where one of these is false the rule is not judged.
    assumed: RefCell<Vec<Code>>,
    /// Those of loops.
    variables: RefCell<Vec<String>>,
    /// Why the rule cannot be said after all.
    unsaid: RefCell<Option<Reason>>,
}

impl Kcl {
    /// Judges the rule only where the condition is true.
    fn assume(&self, condition: Code) -> Result<(), Reason> {
        let text = condition.to_string();
        let bound = self.variables.borrow();
        if bound
            .iter()
            .any(|variable| text.contains(variable.as_str()))
        {
            return Err("an exception inside a loop".to_owned());
        }
        let mut assumed = self.assumed.borrow_mut();
        if !assumed.contains(&condition) {
            assumed.push(condition);
        }
        Ok(())
    }

    fn opened(&self, variables: &[String], range: &Term<'_>) -> Opened {
        Opened::new(variables, range).unwrap_or_else(|reason| {
            *self.unsaid.borrow_mut() = Some(reason);
            Opened::default()
        })
    }

    fn comprehension(
        &self,
        variables: &[String],
        range: &Term<'_>,
        filter: Option<&Code>,
        body: &str,
        [open, close]: [&str; 2],
    ) -> Code {
        let opened = self.opened(variables, range);
        let filters: Vec<Code> = opened.filter.into_iter().chain(filter.cloned()).collect();
        let filter = match filters.as_slice() {
            [] => String::new(),
            filters => format!(" if {}", Code::all(filters.iter().cloned()).at(Level::Or)),
        };
        let (names, range) = (opened.names.join(", "), opened.range);
        Code::atom(format!(
            "{open}{body} for {names} in {range}{filter}{close}"
        ))
    }
}

impl<'m> Target<'m> for Kcl {
    fn literal(&self, literal: &Literal) -> Result<Code, Reason> {
        values::literal(literal)
    }

    fn field(&self, of: &Term<'m>, object: &'m Object, name: &str) -> Result<Part<'m>, Reason> {
        let field = object.fields.iter().find(|field| field.name == name);
        let Some(field) = field else {
            return Err(format!("the field {name}, which is not declared"));
        };
        let is_metadata = name == "metadata" && object.embedded;
        if is_metadata || field.value.shape == Shape::ObjectMeta {
            return Ok(metadata(of, field));
        }
        let read = reading::field(&of.code, field);
        Ok(Part {
            present: read.present,
            code: read.code,
            place: Some(Place::Value(&field.value)),
        })
    }

    fn metadata(&self, of: &Term<'m>, name: &str) -> Result<Part<'m>, Reason> {
        let key = Code::atom(literal::string(name));
        if self.is_root && of.code.to_string() == "metadata" {
            let code = Code::atom(format!("metadata.{name}"));
            if name == "name" {
                // The server makes a name before it looks at the rules.
                self.assume(Code::atom("metadata?.name"))?;
                return Ok(Part {
                    present: Code::bool(true),
                    code,
                    place: None,
                });
            }
            let present = is_text(&Code::atom(format!("metadata?.{name}")));
            return Ok(Part {
                present,
                code,
                place: None,
            });
        }
        let code = reading::entry(&of.code, &key);
        Ok(Part {
            present: is_text(&code),
            code,
            place: None,
        })
    }

    fn entry(&self, of: &Term<'m>, key: &Term<'m>) -> Result<Part<'m>, Reason> {
        if let Type::Map(keys, _) = &of.ty
            && !matches!(**keys, Type::String | Type::Dyn)
        {
            return Err("a map whose keys are no texts".to_owned());
        }
        let code = reading::entry(&of.code, &key.code);
        let mut place = None;
        if let Some(Place::Value(value)) = of.place {
            match &value.shape {
                Shape::Map(entry) if entry.nullable => {
                    return Err("a map whose values may be null".to_owned());
                }
                Shape::Map(entry) => place = Some(Place::Value(entry)),
                _ if value.embedded && key.code.to_string() == "\"metadata\"" => {
                    place = Some(Place::Metadata);
                }
                _ => {}
            }
        }
        Ok(Part {
            present: is_present(&code),
            code,
            place,
        })
    }

    fn element(&self, of: &Term<'m>, position: &Term<'m>) -> Result<Part<'m>, Reason> {
        let place = match of.place {
            Some(Place::Value(Value {
                shape: Shape::List(element),
                ..
            })) => {
                no_nulls(element)?;
                Some(Place::Value(element))
            }
            _ => None,
        };
        if position.ty != Type::Int {
            return Err("a position that is no integer".to_owned());
        }
        let list = &of.code;
        let at = &position.code;
        let length = Code::atom(format!("_len({list})"));
        let present = match at.to_string().parse::<u64>() {
            Ok(_) => Code::binary(Level::Comparison, &length, ">", at),
            Err(_) => Code::new(
                Level::Comparison,
                format!("0 <= {} < {length}", at.at(Level::Sum)),
            ),
        };
        Ok(Part {
            present,
            code: reading::entry(list, at),
            place,
        })
    }

    fn equal(&self, a: &Term<'m>, b: &Term<'m>) -> Result<Code, Reason> {
        values::equal(a, b)
    }

    fn compare(&self, sign: &str, a: &Term<'m>, b: &Term<'m>) -> Result<Code, Reason> {
        values::compare(sign, a, b)
    }

    fn contains(&self, whole: &Term<'m>, part: &Term<'m>) -> Result<Code, Reason> {
        values::contains(whole, part)
    }

    fn call(&self, function: &str, arguments: &[Term<'m>], _ty: &Type) -> Result<Made, Reason> {
        calls::call(self, function, arguments)
    }

    fn is_of_type(&self, value: &Term<'m>, name: &str) -> Result<Code, Reason> {
        if value.ty == Type::Dyn {
            let code = &value.code;
            return Ok(match name {
                "string" => is_kind(code, &["str"]),
                "int" => is_kind(code, &["int"]),
                "double" => is_kind(code, &["float"]),
                "bool" => is_kind(code, &["bool"]),
                "list" => is_kind(code, &["list"]),
                "map" => is_object(code),
                _ => Code::bool(false),
            });
        }
        let found = match &value.ty {
            Type::List(_) => "list".to_owned(),
            Type::Map(..) => "map".to_owned(),
            Type::Null => "null_type".to_owned(),
            Type::Timestamp => "google.protobuf.Timestamp".to_owned(),
            Type::Duration => "google.protobuf.Duration".to_owned(),
            Type::Object(_) | Type::Optional(_) | Type::Type => {
                return Err(format!("the type of a value of type {}", value.ty));
            }
            ty => ty.to_string(),
        };
        Ok(Code::bool(found == name))
    }

    fn variable(&self, depth: usize, name: &str) -> String {
        let variable = format!("_{name}_{depth}");
        self.variables.borrow_mut().push(variable.clone());
        variable
    }

    fn quantify(
        &self,
        all: bool,
        variables: &[String],
        range: &Term<'m>,
        condition: &Code,
    ) -> Code {
        let quantifier = if all { "all" } else { "any" };
        let opened = self.opened(variables, range);
        let names = opened.names.join(", ");
        let filter = opened.filter.map(|filter| format!(" if {filter}"));
        let (code, filter) = (opened.range, filter.unwrap_or_default());
        Code::new(
            Level::Choice,
            format!("{quantifier} {names} in {code} {{ {condition}{filter} }}"),
        )
    }

    fn collect(
        &self,
        variables: &[String],
        range: &Term<'m>,
        filter: Option<&Code>,
        body: &Code,
    ) -> Code {
        self.comprehension(variables, range, filter, &body.to_string(), ["[", "]"])
    }

    fn collect_map(
        &self,
        variables: &[String],
        range: &Term<'m>,
        filter: Option<&Code>,
        entry: (&Code, &Code),
    ) -> Code {
        let body = format!("_str({}): {}", entry.0, entry.1);
        self.comprehension(variables, range, filter, &body, ["{", "}"])
    }

    fn map(&self, entries: &[(Code, Code)]) -> Code {
        let texts: Vec<String> = entries
            .iter()
            .map(|(key, value)| {
                let key = key.to_string();
                let key = match key.starts_with('"') {
                    true => key,
                    false => format!("_str({key})"),
                };
                format!("{key}: {value}")
            })
            .collect();
        Code::atom(format!("{{{}}}", texts.join(", ")))
    }

    fn count(&self, list: &Code) -> Code {
        Code::atom(format!("_len({list})"))
    }
}

/// What a loop runs over in KCL.
#[derive(Default)]
struct Opened {
    names: Vec<String>,
    range: String,
    filter: Option<Code>,
}

impl Opened {
    fn new(variables: &[String], range: &Term<'_>) -> Result<Self, Reason> {
        let mut names = variables.to_vec();
        let mut filter = None;
        let mut brackets = ["[*", "]"];
        if let Some(Place::Value(Value {
            shape: Shape::List(element),
            ..
        })) = range.place
        {
            no_nulls(element)?;
        }
        if let Type::Map(keys, _) = &range.ty {
            if !matches!(**keys, Type::String | Type::Dyn) {
                return Err("a map whose keys are no texts".to_owned());
            }
            brackets = ["{**", "}"];
            if let Some(Place::Value(value)) = range.place {
                filter = dropped_nulls(value, &mut names)?;
            }
        }
        let range = super::checks::range(&range.code, brackets[0], brackets[1]);
        Ok(Self {
            names,
            range,
            filter,
        })
    }
}

/// The server drops nulls of a map that are not nullable.
fn dropped_nulls(map: &Value, names: &mut Vec<String>) -> Result<Option<Code>, Reason> {
    let Shape::Map(entry) = &map.shape else {
        return Ok(None);
    };
    if entry.nullable || entry.default.is_some() {
        return Err("a map whose values may be null".to_owned());
    }
    if names.len() == 1 {
        names.push(format!("{}_value", names[0]));
    }
    Ok(Some(is_present(&Code::atom(names[1].clone()))))
}

fn metadata<'m>(of: &Term<'m>, field: &Field) -> Part<'m> {
    let raw = reading::raw(&of.code, &field.name);
    let is_root = field.value.shape == Shape::ObjectMeta;
    Part {
        present: match is_root {
            true => Code::bool(true),
            false => is_present(&raw),
        },
        code: raw,
        place: Some(Place::Metadata),
    }
}

/// An empty text of the metadata is none.
fn is_text(code: &Code) -> Code {
    let code = code.at(Level::Sum);
    Code::with_opposite(
        Level::Comparison,
        format!("{code} not in [None, Undefined, \"\"]"),
        format!("{code} in [None, Undefined, \"\"]"),
    )
}

/// Elements that may be null are errors in most expressions.
fn no_nulls(element: &Value) -> Result<(), Reason> {
    if element.nullable || element.default.is_some() {
        return Err("a list whose elements may be null".to_owned());
    }
    Ok(())
}

/// A list whose order means nothing to the server.
fn is_unordered(term: &Term<'_>) -> bool {
    match term.place {
        Some(Place::Value(value)) => {
            matches!(value.shape, Shape::List(_)) && value.limits.unique != Unique::No
        }
        _ => false,
    }
}

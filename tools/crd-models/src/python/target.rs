//! CEL in Python: what [`crate::cel`] asks of a language.

use super::functions;
use super::literal;
use super::names;
use super::plan::Attributes;
use super::words::Words;
use crate::analysis::{Field, Object, Shape, Unique, Value};
use crate::cel::{Code, Level, Made, Part, Place, Reason, Target, Term};
use cel_frontend::{Literal, Type};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Python with the names of one kind's classes.
pub struct Python<'p> {
    /// The names of the fields.
    pub attributes: &'p Attributes<'p>,
    /// Python's own names.
    pub words: &'p Words,
    /// The parts of the runtime that the expressions use.
    pub used: RefCell<BTreeSet<&'static str>>,
    /// The texts that constants stand for.
    texts: RefCell<HashMap<String, String>>,
}

impl<'p> Python<'p> {
    /// Nothing used so far.
    pub fn new(attributes: &'p Attributes<'p>, words: &'p Words) -> Self {
        Self {
            attributes,
            words,
            used: RefCell::default(),
            texts: RefCell::default(),
        }
    }

    /// A call of a function of the runtime, `_texts.trim(a)`.
    pub fn runtime(&self, module: &'static str, function: &str, arguments: &[&Code]) -> Code {
        self.used.borrow_mut().insert(module);
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        Code::atom(format!("_{module}.{function}({})", arguments.join(", ")))
    }

    /// A call of a function of Python's own.
    pub fn builtin(&self, word: &'static str, argument: &Code) -> Code {
        Code::atom(format!("{}({argument})", self.words.word(word)))
    }

    /// `value is not None`.
    pub fn is_there(value: &Code) -> Code {
        Code::binary(Level::Comparison, value, "is not", &Code::atom("None"))
    }

    /// The text of a constant.
    pub fn text_of(&self, code: &Code) -> Option<String> {
        self.texts.borrow().get(&code.to_string()).cloned()
    }

    /// What a rule sees of a value that is kept as JSON has it.
    pub fn seen(&self, raw: Code, ty: &Type) -> Code {
        let converted = |function| self.runtime("values", function, &[&raw]);
        match ty {
            Type::Double => self.builtin("float", &raw),
            Type::Timestamp => converted("from_time"),
            Type::Duration => converted("from_duration"),
            Type::Bytes => converted("from_base64"),
            Type::List(element) if is_converted(element) => {
                let element = self.seen(Code::atom("item"), element);
                Code::atom(format!("[{element} for item in {}]", raw.at(Level::Or)))
            }
            Type::Map(_, value) if is_converted(value) => {
                let value = self.seen(Code::atom("item"), value);
                let items = format!("{}.items()", raw.at(Level::Atom));
                Code::atom(format!("{{key: {value} for key, item in {items}}}"))
            }
            _ => raw,
        }
    }

    fn attribute(&self, object: &Object, name: &str) -> Result<&str, Reason> {
        let found = self.attributes.name(object, name);
        found.ok_or_else(|| format!("the field {name}, which has no name in Python"))
    }
}

/// What the code of a rule may mention, and a name that can be taken for a digit.
const USED_WORDS: [&str; 12] = [
    "all",
    "any",
    "enumerate",
    "float",
    "int",
    "isinstance",
    "item",
    "key",
    "l",
    "len",
    "self",
    "str",
];

fn is_converted(ty: &Type) -> bool {
    match ty {
        Type::Double | Type::Timestamp | Type::Duration | Type::Bytes => true,
        Type::List(inner) | Type::Map(_, inner) => is_converted(inner),
        _ => false,
    }
}

/// Whether a field of a validated object always has a value.
fn is_always_there(field: &Field) -> bool {
    let value = &field.value;
    let literal = matches!(value.shape, Shape::Literal(_) | Shape::ObjectMeta);
    literal || (!value.nullable && (field.required || value.default.is_some()))
}

/// The types whose values Python compares as CEL does.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Bool
        | Type::Int
        | Type::Uint
        | Type::Double
        | Type::String
        | Type::Bytes
        | Type::Timestamp
        | Type::Duration
        | Type::Type
        | Type::Opaque(_) => true,
        Type::List(element) => is_plain(element),
        Type::Map(key, value) => is_plain(key) && is_plain(value),
        _ => false,
    }
}

fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Uint | Type::Double)
}

/// What no two elements of a list share, by which its server tells them apart.
pub(super) fn uniqueness<'t>(term: &Term<'t>) -> Option<&'t Unique> {
    match term.place? {
        Place::Value(value) if matches!(value.shape, Shape::List(_)) => Some(&value.limits.unique),
        _ => None,
    }
}

pub(super) fn keys(keys: &[String]) -> Vec<Code> {
    keys.iter()
        .map(|key| Code::atom(literal::string(key)))
        .collect()
}

/// A constant position.
fn position(code: &Code) -> Option<u32> {
    code.to_string().parse().ok()
}

impl<'m> Target<'m> for Python<'_> {
    fn literal(&self, literal: &Literal) -> Result<Code, Reason> {
        Ok(match literal {
            Literal::Null => Code::atom("None"),
            Literal::Bool(value) => Code::bool(*value),
            Literal::Int(value) if *value < 0 => Code::new(Level::Minus, value.to_string()),
            Literal::Int(value) => Code::atom(value.to_string()),
            Literal::Uint(value) => {
                self.runtime("values", "UInt", &[&Code::atom(value.to_string())])
            }
            Literal::Double(value) if value.is_finite() && *value >= 0.0 => {
                Code::atom(format!("{value:?}"))
            }
            Literal::Double(value) if value.is_finite() => {
                Code::new(Level::Minus, format!("{value:?}"))
            }
            Literal::Double(value) => {
                self.builtin("float", &Code::atom(literal::string(&value.to_string())))
            }
            Literal::String(text) => {
                let code = literal::string(text);
                self.texts.borrow_mut().insert(code.clone(), text.clone());
                Code::atom(code)
            }
            Literal::Bytes(bytes) => Code::atom(literal::bytes(bytes)),
        })
    }

    fn field(&self, of: &Term<'m>, object: &'m Object, name: &str) -> Result<Part<'m>, Reason> {
        let field = object.fields.iter().find(|field| field.name == name);
        let field = field.ok_or_else(|| format!("the field {name}, which is not declared"))?;
        let attribute = self.attribute(object, name)?;
        let raw = Code::atom(format!("{}.{attribute}", of.code.at(Level::Atom)));
        let ty = match &of.ty {
            Type::Object(declared) => declared.fields.values().find(|f| f.name == name),
            _ => None,
        };
        let is_meta = field.value.shape == Shape::ObjectMeta;
        Ok(Part {
            present: if is_always_there(field) {
                Code::bool(true)
            } else {
                Self::is_there(&raw)
            },
            code: ty.map_or_else(
                || raw.clone(),
                |declared| self.seen(raw.clone(), &declared.ty),
            ),
            place: Some(if is_meta {
                Place::Metadata
            } else {
                Place::Value(&field.value)
            }),
        })
    }

    fn metadata(&self, of: &Term<'m>, name: &str) -> Result<Part<'m>, Reason> {
        let function = match name {
            "name" => "name",
            "generateName" => "generate_name",
            _ => return Err(format!("metadata.{name}")),
        };
        let code = self.runtime("values", function, &[&of.code]);
        let nothing = Code::atom("\"\"");
        Ok(Part {
            present: Code::binary(Level::Comparison, &code, "!=", &nothing),
            code,
            place: None,
        })
    }

    fn entry(&self, of: &Term<'m>, key: &Term<'m>) -> Result<Part<'m>, Reason> {
        let whole = of.code.at(Level::Atom);
        let place = match of.place {
            Some(Place::Value(value)) => match &value.shape {
                Shape::Map(entry) => Some(Place::Value(entry)),
                _ => None,
            },
            _ => None,
        };
        if let Type::Object(_) = of.ty {
            // A free object, or one that stands for several places.
            let code = self.runtime("values", "field", &[&of.code, &key.code]);
            return Ok(Part {
                present: Self::is_there(&code),
                code,
                place,
            });
        }
        Ok(Part {
            present: Code::binary(Level::Comparison, &key.code, "in", &of.code),
            code: Code::atom(format!("{whole}[{}]", key.code)),
            place,
        })
    }

    fn element(&self, of: &Term<'m>, position_: &Term<'m>) -> Result<Part<'m>, Reason> {
        let length = self.count(&of.code);
        let index = &position_.code;
        let present = match position(index) {
            Some(_) => Code::binary(Level::Comparison, &length, ">", index),
            None => Code::new(
                Level::Comparison,
                format!("0 <= {} < {length}", index.at(Level::Sum)),
            ),
        };
        let place = match of.place {
            Some(Place::Value(value)) => match &value.shape {
                Shape::List(element) => Some(Place::Value(element)),
                _ => None,
            },
            _ => None,
        };
        Ok(Part {
            present,
            code: Code::atom(format!("{}[{index}]", of.code.at(Level::Atom))),
            place,
        })
    }

    fn equal(&self, a: &Term<'m>, b: &Term<'m>) -> Result<Code, Reason> {
        let is = |code: &Code| Code::binary(Level::Comparison, code, "is", &Code::atom("None"));
        if b.ty == Type::Null {
            return Ok(is(&a.code));
        }
        if a.ty == Type::Null {
            return Ok(is(&b.code));
        }
        match uniqueness(a) {
            Some(Unique::Element) => {
                return Ok(self.runtime("values", "equal_sets", &[&a.code, &b.code]));
            }
            Some(Unique::Keys(fields)) => {
                let fields = keys(fields);
                let arguments = [&a.code, &b.code].into_iter().chain(&fields);
                let arguments: Vec<&Code> = arguments.collect();
                return Ok(self.runtime("values", "equal_maps", &arguments));
            }
            _ => {}
        }
        let is_same = (a.ty == b.ty && is_plain(&a.ty)) || (is_number(&a.ty) && is_number(&b.ty));
        let is_constant = |code: &Code| matches!(code.to_string().as_str(), "True" | "False");
        Ok(if is_same {
            // True and False are objects, which linters compare as such.
            let sign = if is_constant(&a.code) || is_constant(&b.code) {
                "is"
            } else {
                "=="
            };
            Code::binary(Level::Comparison, &a.code, sign, &b.code)
        } else {
            self.runtime("values", "equal", &[&a.code, &b.code])
        })
    }

    fn compare(&self, sign: &str, a: &Term<'m>, b: &Term<'m>) -> Result<Code, Reason> {
        Ok(Code::binary(Level::Comparison, &a.code, sign, &b.code))
    }

    fn contains(&self, whole: &Term<'m>, part: &Term<'m>) -> Result<Code, Reason> {
        let is_same = match &whole.ty {
            Type::List(element) => **element == part.ty && is_plain(element),
            Type::Map(key, _) => **key == part.ty,
            _ => false,
        };
        Ok(if is_same {
            Code::binary(Level::Comparison, &part.code, "in", &whole.code)
        } else {
            self.runtime("values", "contains", &[&whole.code, &part.code])
        })
    }

    fn call(&self, function: &str, arguments: &[Term<'m>], ty: &Type) -> Result<Made, Reason> {
        functions::call(self, function, arguments, ty)
    }

    fn is_of_type(&self, value: &Term<'m>, name: &str) -> Result<Code, Reason> {
        Ok(match functions::type_name(&value.ty) {
            Some(known) => Code::bool(known == name),
            None => {
                let name = Code::atom(literal::string(name));
                self.runtime("values", "is_type", &[&value.code, &name])
            }
        })
    }

    fn variable(&self, depth: usize, name: &str) -> String {
        let plain: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        let plain = plain.trim_start_matches('_').to_lowercase();
        let plain = if plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
            plain
        } else {
            format!("v{plain}")
        };
        // No two loops inside each other share a name, nor do they hide what the code uses.
        match depth {
            1 if !USED_WORDS.contains(&plain.as_str()) && !names::is_keyword(&plain) => plain,
            1 => format!("{plain}_"),
            depth => format!("{plain}_{depth}"),
        }
    }

    fn quantify(
        &self,
        all: bool,
        variables: &[String],
        range: &Term<'m>,
        condition: &Code,
    ) -> Code {
        if *condition == Code::bool(all) {
            return condition.clone();
        }
        let word = self.words.word(if all { "all" } else { "any" });
        let condition = condition.at(Level::Choice);
        Code::atom(format!(
            "{word}({condition} {})",
            self.loop_over(variables, range)
        ))
    }

    fn collect(
        &self,
        variables: &[String],
        range: &Term<'m>,
        filter: Option<&Code>,
        body: &Code,
    ) -> Code {
        let over = self.loop_over(variables, range);
        Code::atom(format!("[{body} {over}{}]", condition(filter)))
    }

    fn collect_map(
        &self,
        variables: &[String],
        range: &Term<'m>,
        filter: Option<&Code>,
        (key, value): (&Code, &Code),
    ) -> Code {
        let over = self.loop_over(variables, range);
        Code::atom(format!("{{{key}: {value} {over}{}}}", condition(filter)))
    }

    fn map(&self, entries: &[(Code, Code)]) -> Code {
        let entries: Vec<String> = entries
            .iter()
            .map(|(key, value)| format!("{key}: {value}"))
            .collect();
        Code::atom(format!("{{{}}}", entries.join(", ")))
    }

    fn count(&self, list: &Code) -> Code {
        self.builtin("len", list)
    }

    fn readable(&self, part: &Part<'m>, ty: &Type) -> Vec<Code> {
        let Some(Place::Value(value)) = part.place else {
            return Vec::new();
        };
        let is_a = |word| {
            let word = self.words.word(word);
            Code::atom(format!(
                "{}({}, {word})",
                self.words.word("isinstance"),
                part.code
            ))
        };
        match (&value.shape, ty) {
            // 2.0 passes for an integer, and no rule can read it.
            (Shape::Int, Type::Int) => vec![is_a("int")],
            (Shape::IntOrStr, _) => {
                let float = self.words.word("float");
                let isinstance = self.words.word("isinstance");
                vec![Code::atom(format!("{isinstance}({}, {float})", part.code)).negated()]
            }
            (Shape::Str, Type::Timestamp | Type::Bytes) => vec![Self::is_there(&part.code)],
            // Where a format is asked for the server lets lists pass, which no rule can read.
            (Shape::Str, Type::String) if value.limits.format.is_some() => vec![is_a("str")],
            _ => Vec::new(),
        }
    }

    fn is_there(&self, value: &Code) -> Code {
        Self::is_there(value)
    }

    fn map_of_some(&self, entries: &[(Option<Code>, Code, Code)]) -> Result<Code, Reason> {
        let entries: Vec<String> = entries
            .iter()
            .map(|(some, key, value)| match some {
                Some(some) => format!("**({{{key}: {value}}} if {} else {{}})", some.at(Level::Or)),
                None => format!("{key}: {value}"),
            })
            .collect();
        Ok(Code::atom(format!("{{{}}}", entries.join(", "))))
    }

    fn sorted(&self, range: &Term<'m>, keys: &Code) -> Result<Made, Reason> {
        let code = self.runtime("lists", "sorted_by", &[&range.code, keys]);
        Ok(Made {
            defined: vec![Self::is_there(&code)],
            code,
        })
    }

    fn type_value(&self, name: &str) -> Result<Code, Reason> {
        let name = Code::atom(literal::string(name));
        Ok(self.runtime("values", "Type", &[&name]))
    }
}

impl Python<'_> {
    fn loop_over(&self, variables: &[String], range: &Term<'_>) -> String {
        let code = &range.code;
        match (variables, &range.ty) {
            ([one], _) => format!("for {one} in {}", code.at(Level::Or)),
            (several, Type::List(_)) => format!(
                "for {} in {}",
                several.join(", "),
                self.builtin("enumerate", code)
            ),
            (several, _) => format!(
                "for {} in {}.items()",
                several.join(", "),
                code.at(Level::Atom)
            ),
        }
    }
}

fn condition(filter: Option<&Code>) -> String {
    filter.map_or_else(String::new, |filter| {
        format!(" if {}", filter.at(Level::Or))
    })
}

/// A value that rules call `self`.
pub fn this<'m>(python: &Python<'_>, ty: Type, place: Place<'m>) -> Term<'m> {
    let code = python.seen(Code::atom("self"), &ty);
    let readable = match place {
        Place::Value(value) => python.readable(
            &Part {
                present: Code::bool(true),
                code: code.clone(),
                place: Some(Place::Value(value)),
            },
            &ty,
        ),
        _ => Vec::new(),
    };
    Term {
        defined: readable,
        ..Term::part(code, ty, place)
    }
}

/// Whether rules can be run on a value: those of objects see fields, those of
/// others the value itself.
pub fn place<'m>(value: Option<&'m Value>, object: Option<&'m Object>) -> Option<Place<'m>> {
    match (value, object) {
        (Some(value), _) => Some(Place::Value(value)),
        (None, Some(object)) => Some(Place::Object(object)),
        (None, None) => None,
    }
}

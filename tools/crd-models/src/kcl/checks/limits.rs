//! The bounds of numbers, texts, lists and maps.

use super::formats;
use super::{Check, Group, is_kind, sized, unique};
use crate::analysis::{Bound, Keeps, Limits, Shape, Value};
use crate::cel::{Code, Level};
use crate::kcl::literal;
use crate::kcl::reading::is_present;
use crate::pattern;
use kube_schema::Number;

/// What a value may be, as far as bounds depend on it.
#[derive(Debug, Clone, Copy)]
pub struct Kinds {
    int: bool,
    float: bool,
    text: bool,
    list: bool,
    object: bool,
}

impl Kinds {
    /// Those of a shape.
    pub fn of(shape: &Shape) -> Self {
        let is_any = matches!(shape, Shape::Any);
        Self {
            int: is_any || matches!(shape, Shape::Int | Shape::Number | Shape::IntOrStr),
            float: is_any || matches!(shape, Shape::Number),
            text: is_any || matches!(shape, Shape::Str | Shape::Literal(_) | Shape::IntOrStr),
            list: is_any || matches!(shape, Shape::List(_)),
            object: is_any
                || matches!(
                    shape,
                    Shape::Map(_) | Shape::Object(_) | Shape::FreeObject | Shape::ObjectMeta
                ),
        }
    }

    /// Whether it can have fields.
    pub fn may_be_object(self) -> bool {
        self.object
    }

    fn count(self) -> usize {
        let kinds = [self.int || self.float, self.text, self.list, self.object];
        kinds.into_iter().filter(|kind| *kind).count()
    }
}

/// The checks of the bounds, and whether they are all that the bounds say.
pub struct Bounds {
    /// In the order of reading.
    pub checks: Vec<Check>,
    /// What KCL cannot say.
    pub gaps: Vec<String>,
}

/// What the bounds say of a value that is not null. What they say of another
/// type than the value's says nothing.
pub fn bounds(value: &Value, limits: &Limits, this: &Code) -> Bounds {
    let kinds = Kinds::of(&value.shape);
    let mut bounds = Bounds {
        checks: Vec::new(),
        gaps: Vec::new(),
    };
    let mixed = kinds.count() > 1;
    if kinds.int || kinds.float {
        let number = typed("_int", this, matches!(value.shape, Shape::IntOrStr));
        let found = numbers(kinds, limits, &number);
        let is_number = match (kinds.int, kinds.float) {
            (true, false) => is_kind(this, &["int"]),
            _ => is_kind(this, &["int", "float"]),
        };
        bounds.add(mixed, is_number, found);
    }
    if kinds.text {
        let text = typed("_str", this, matches!(value.shape, Shape::IntOrStr));
        let (found, gaps) = texts(limits, &text);
        bounds.add(mixed, is_kind(this, &["str"]), found);
        bounds.gaps.extend(gaps);
    }
    if kinds.list {
        let (found, gaps) = lists(value, limits, this);
        bounds.add(mixed, is_kind(this, &["list"]), found);
        bounds.gaps.extend(gaps);
    }
    if kinds.object {
        let found = objects(value, limits, this);
        bounds.add(mixed, super::is_object(this), found);
    }
    bounds
}

impl Bounds {
    fn add(&mut self, mixed: bool, is_kind: Code, checks: Vec<Check>) {
        self.checks.extend(checks.into_iter().map(|check| {
            if mixed {
                let condition = Code::any([is_kind.negated(), check.condition]);
                return Check::new(condition, check.message);
            }
            check
        }));
    }
}

/// The conversions only tell KCL's type checker what `typeof` found out.
fn typed(conversion: &str, this: &Code, is_union: bool) -> Code {
    if is_union {
        Code::atom(format!("{conversion}({this})"))
    } else {
        this.clone()
    }
}

fn numbers(kinds: Kinds, limits: &Limits, this: &Code) -> Vec<Check> {
    if limits.no_number {
        let message = "no number passes: a bound is none of the type's own";
        return vec![Check::new(Code::bool(false), message)];
    }
    let mut checks = Vec::new();
    match limits.format.as_deref() {
        Some("int32") => checks.push(Check {
            group: Some(Group::Int32),
            ..Check::new(
                compared(&format!("-2147483648 <= {} <= 2147483647", operand(this))),
                "32 bits",
            )
        }),
        // What rounds to the largest float of 32 bits still passes.
        Some("float") => checks.push(Check::new(
            compared(&format!(
                "-3.4028235677973366e+38 < {} < 3.4028235677973366e+38",
                operand(this)
            )),
            "a float of 32 bits",
        )),
        _ => {}
    }
    match (limits.min, limits.max) {
        (Some(min), Some(max)) if is_range(kinds, min, max) => checks.push(range(min, max, this)),
        (min, max) => {
            let min = min.map(|bound| bounded(kinds, bound, ">", this));
            let max = max.map(|bound| bounded(kinds, bound, "<", this));
            checks.extend(min.into_iter().chain(max).flatten());
        }
    }
    checks.extend(
        limits
            .multiple_of
            .map(|factor| multiple(kinds, factor, this)),
    );
    checks
}

fn operand(code: &Code) -> String {
    code.at(Level::Sum)
}

fn compared(text: &str) -> Code {
    Code::new(Level::Comparison, text)
}

/// Whether integers, and floats if there may be any, see the same two bounds.
fn is_range(kinds: Kinds, min: Bound, max: Bound) -> bool {
    let is_plain = |bound: Bound| {
        let fits = is_exact(bound.value.as_f64()) || !kinds.float && cut_is_exact(bound);
        fits && !bound.exclusive
    };
    is_plain(min) && is_plain(max)
}

fn cut_is_exact(bound: Bound) -> bool {
    cut(bound.value.as_f64()) != i64::MIN
}

fn range(min: Bound, max: Bound, this: &Code) -> Check {
    let (least, most) = (cut(min.value.as_f64()), cut(max.value.as_f64()));
    let condition = |this: &Code| compared(&format!("{least} <= {} <= {most}", operand(this)));
    let check = Check::new(
        condition(this),
        format!("from {} to {}", min.value, max.value),
    );
    if (least..=most).contains(&0) {
        return check.or_missing(condition(&or_zero(this)));
    }
    check
}

/// For bounds that zero keeps.
fn or_zero(this: &Code) -> Code {
    Code::new(Level::Or, format!("{} or 0", this.at(Level::Or)))
}

/// A float holds every bound. For whole numbers the server cuts it to one, and
/// what an integer of 64 bits cannot hold becomes the least of them (values.go,
/// on amd64).
fn bounded(kinds: Kinds, bound: Bound, sign: &str, this: &Code) -> Option<Check> {
    let sign = match bound.exclusive {
        true => sign.to_owned(),
        false => format!("{sign}="),
    };
    let value = bound.value.as_f64();
    let message = format!("{sign} {}", bound.value);
    let for_ints = int_bound(&sign, cut(value), this);
    let for_floats = compared(&format!("{} {sign} {}", operand(this), float(value)));
    let condition = match (kinds.int, kinds.float) {
        (true, false) => for_ints?,
        _ if is_exact(value) => for_ints?,
        _ => {
            let is_int = is_kind(this, &["int"]);
            Code::choice(&is_int, &for_ints.unwrap_or(Code::bool(true)), &for_floats)
        }
    };
    let check = Check::new(condition, message);
    Some(match int_bound(&sign, cut(value), &or_zero(this)) {
        Some(or_missing) if !kinds.float && zero_passes(&sign, value) => {
            check.or_missing(or_missing)
        }
        _ => check,
    })
}

fn zero_passes(sign: &str, bound: f64) -> bool {
    match sign {
        ">" => bound < 0.0,
        ">=" => bound <= 0.0,
        "<" => bound > 0.0,
        _ => bound >= 0.0,
    }
}

/// Whether floats and integers see the same bound.
fn is_exact(value: f64) -> bool {
    value.fract() == 0.0 && value.abs() < TWO_TO_63
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// Go's conversion of a float to an integer.
#[allow(clippy::cast_possible_truncation)]
fn cut(value: f64) -> i64 {
    if (-TWO_TO_63..TWO_TO_63).contains(&value) {
        value as i64
    } else {
        i64::MIN
    }
}

/// None if every integer passes. KCL cannot write the least integer.
fn int_bound(sign: &str, bound: i64, this: &Code) -> Option<Code> {
    let this = operand(this);
    let least = -i64::MAX;
    Some(match (sign, bound) {
        (">=", i64::MIN) => return None,
        (">", i64::MIN) => compared(&format!("{this} >= {least}")),
        ("<", i64::MIN) => Code::bool(false),
        ("<=", i64::MIN) => compared(&format!("{this} < {least}")),
        (sign, bound) => compared(&format!("{this} {sign} {bound}")),
    })
}

fn float(value: f64) -> String {
    format!("{value:?}")
}

/// The factor too is cut for whole numbers, and one that is not positive then
/// refuses them all.
fn multiple(kinds: Kinds, factor: Number, this: &Code) -> Check {
    let value = factor.as_f64();
    let for_ints = match cut(value) {
        ..=0 => Code::bool(false),
        1 => Code::bool(true),
        whole => compared(&format!("{} % {whole} == 0", this.at(Level::Product))),
    };
    let condition = if kinds.float {
        let factor = Code::atom(float(value));
        let for_floats = formats::helper("is_multiple", &[this, &factor]);
        Code::choice(&is_kind(this, &["int"]), &for_ints, &for_floats)
    } else {
        for_ints
    };
    Check::new(condition, format!("a multiple of {factor}"))
}

/// The length in code points, which KCL's `len` does not count, by the lambda
/// of [`SIZED`]. An empty text never asks for it.
fn length(limits: &Limits, this: &Code) -> Option<Check> {
    let least = limits.min_length.filter(|least| *least > 0);
    let sized = |least: i64, most: i64| Code::atom(format!("_sized({this}, {least}, {most})"));
    Some(match (least, limits.max_length) {
        (None, None) => return None,
        (Some(1), None) => {
            let operand = operand(this);
            let (differs, same) = (format!("{operand} != \"\""), format!("{operand} == \"\""));
            let condition = Code::with_opposite(Level::Comparison, differs, same);
            Check::new(condition.clone(), "at least 1 character").or_missing(condition)
        }
        (Some(least), None) => Check::new(
            compared(&format!(
                "_len({}.chars()) >= {least}",
                this.at(Level::Atom)
            )),
            format!("at least {}", count(least, "character")),
        ),
        (None, Some(most)) => {
            let condition = sized(0, most);
            let or_missing = Code::any([this.negated(), condition.clone()]);
            let message = format!("at most {}", count(most, "character"));
            Check::new(condition, message).or_missing(or_missing)
        }
        (Some(least), Some(most)) => {
            let condition = sized(least, most);
            let message = format!("{least} to {}", count(most, "character"));
            Check::new(condition.clone(), message).or_missing(condition)
        }
    })
}

/// No text has fewer bytes than code points, and none four times as many: so
/// long ones are not taken apart.
pub const SIZED: &str = "_sized = lambda _text: str, _least: int, _most: int -> bool {
    _text in [None, Undefined] or _least <= _len(_text) // 4 and _len(_text) <= _most or _least <= _len(_text.chars()) <= _most
}
";

fn texts(limits: &Limits, this: &Code) -> (Vec<Check>, Vec<String>) {
    let mut checks = Vec::from_iter(length(limits, this));
    let mut gaps = Vec::new();
    let is_never_empty = limits.min_length.is_some_and(|least| least > 0);
    for re2 in &limits.patterns {
        match pattern::to_rust(re2) {
            Some(regex) => {
                let condition = formats::matches(this, &literal::pattern(&regex));
                let check = Check::new(condition.clone(), format!("must match {re2}"));
                checks.push(match is_never_empty {
                    true => check.or_missing(Code::any([this.negated(), condition])),
                    false => check,
                });
            }
            None => gaps.push(format!("pattern {re2}")),
        }
    }
    if let Some(format) = &limits.format
        && let Some(condition) = formats::has_format(format, this)
    {
        checks.push(Check::new(
            condition,
            format!("must have the format {format}"),
        ));
    }
    (checks, gaps)
}

fn lists(value: &Value, limits: &Limits, this: &Code) -> (Vec<Check>, Vec<String>) {
    let or_none = Code::new(Level::Or, format!("{} or []", this.at(Level::Or)));
    let mut checks = Vec::new();
    let length = |this: &Code| Code::atom(format!("_len({this})"));
    checks.extend(at_least(limits.min_items, "element", &length(this)));
    if let Some(check) = at_most(limits.max_items, "element", &length(this)) {
        // A list that is missing breaks no bound, an empty one a bound below zero.
        let or_missing = at_most(limits.max_items, "element", &length(&or_none));
        let or_missing = or_missing.filter(|_| limits.max_items >= Some(0));
        checks.push(check.same_of_missing(or_missing));
    }
    let mut gaps = Vec::new();
    if let Shape::List(element) = &value.shape {
        let found = unique::check(element, &limits.unique, this);
        let or_missing = unique::check(element, &limits.unique, &or_none);
        match (found, or_missing) {
            (Ok(Some(check)), Ok(or_missing)) => checks.push(check.same_of_missing(or_missing)),
            (Err(gap), _) => gaps.push(gap),
            _ => {}
        }
    }
    (checks, gaps)
}

fn objects(value: &Value, limits: &Limits, this: &Code) -> Vec<Check> {
    if limits.min_entries.is_none_or(|least| least <= 0) && limits.max_entries.is_none() {
        return Vec::new();
    }
    let count = sized::count(value, this);
    let least = at_least(limits.min_entries, "field", &count);
    let most = at_most(limits.max_entries, "field", &count);
    least.into_iter().chain(most).collect()
}

fn at_least(least: Option<i64>, what: &str, length: &Code) -> Option<Check> {
    let least = least.filter(|least| *least > 0)?;
    Some(Check::new(
        compared(&format!("{length} >= {least}")),
        format!("at least {}", count(least, what)),
    ))
}

fn at_most(most: Option<i64>, what: &str, length: &Code) -> Option<Check> {
    let most = most?;
    Some(Check::new(
        compared(&format!("{length} <= {most}")),
        format!("at most {}", count(most, what)),
    ))
}

fn count(number: i64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// What a free object may hold: nothing, or nothing below its fields.
pub fn kept(value: &Value, this: &Code) -> Vec<Check> {
    if value.shape != Shape::FreeObject {
        return Vec::new();
    }
    let mut checks = vec![Check::new(super::is_object(this), "an object")];
    match value.keeps {
        Keeps::All => {}
        Keeps::Fields => {
            let condition = format!(
                "_all_true([_checks.is_bare(_v) for _, _v in {}])",
                this.at(Level::Or)
            );
            checks.push(Check::new(
                Code::atom(condition),
                "objects below have no fields",
            ));
        }
        Keeps::Nothing if value.embedded => {
            let known = "_k in [\"apiVersion\", \"kind\", \"metadata\"]";
            let condition = format!("_all_true([{known} for _k in {}])", this.at(Level::Or));
            let message = "no fields but apiVersion, kind and metadata";
            checks.push(Check::new(Code::atom(condition), message));
        }
        Keeps::Nothing => checks.push(Check::new(
            compared(&format!("_len({this}) == 0")),
            "no field is declared",
        )),
    }
    checks
}

/// Whether a value of a list or map is there, where it need not be.
pub fn unless_null(value: &Value, this: &Code, condition: Code) -> Code {
    if value.nullable || value.default.is_some() || value.shape == Shape::Any {
        Code::any([is_present(this).negated(), condition])
    } else {
        condition
    }
}

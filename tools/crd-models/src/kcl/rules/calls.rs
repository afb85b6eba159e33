//! Functions.

use super::arithmetic::{self, is_not_none};
use super::values::{self, operand};
use super::{Kcl, is_unordered, no_nulls};
use crate::analysis::{Shape, Value};
use crate::cel::{Code, Level, Made, Place, Reason, Term};
use crate::kcl::checks::formats::{helper, matches, short};
use crate::kcl::checks::is_kind;
use crate::kcl::literal;
use crate::pattern;
use cel_frontend::Type;

/// A call; the first argument is what a member function is called on.
pub(super) fn call(target: &Kcl, function: &str, arguments: &[Term<'_>]) -> Result<Made, Reason> {
    let made = match (function, arguments) {
        (_, []) => constants(function),
        (_, [a]) => one(function, a)?,
        ("_<_" | "_<=_" | "_>_" | "_>=_", [a, b]) => {
            Some(values::compare_unknown(function.trim_matches('_'), a, b)?)
        }
        _ => None,
    };
    if let Some(made) = made {
        return Ok(made);
    }
    if let Some(made) = texts(function, arguments)? {
        return Ok(made);
    }
    if let Some(made) = lists(function, arguments)? {
        return Ok(made);
    }
    if let Some(made) = numbers(function, arguments)? {
        return Ok(made);
    }
    if let Some(made) = network(target, function, arguments)? {
        return Ok(made);
    }
    if let Some(made) = quantities(function, arguments)? {
        return Ok(made);
    }
    if let Some(made) = times(function, arguments)? {
        return Ok(made);
    }
    Err(format!("the function {}", function.trim_matches('_')))
}

type Found = Result<Option<Made>, Reason>;

fn always(code: Code) -> Found {
    Ok(Some(Made::always(code)))
}

fn given(code: Code, defined: Vec<Code>) -> Found {
    Ok(Some(Made { code, defined }))
}

/// A helper that gives none where the expression is not defined.
fn perhaps(name: &str, arguments: &[&Code]) -> Found {
    let code = helper(name, arguments);
    let defined = vec![is_not_none(&code)];
    given(code, defined)
}

fn compared(text: String) -> Code {
    Code::new(Level::Comparison, text)
}

/// A text, and what must hold for it to be one.
fn text(term: &Term<'_>) -> Result<(Code, Vec<Code>), Reason> {
    match term.ty {
        Type::String => Ok((term.code.clone(), Vec::new())),
        Type::Dyn => {
            let code = Code::atom(format!("_str({})", term.code));
            Ok((code, vec![is_kind(&term.code, &["str"])]))
        }
        _ => Err(format!("a value of type {} as a text", term.ty)),
    }
}

fn length(text: &Code) -> Code {
    Code::atom(format!("_len({}.chars())", text.at(Level::Atom)))
}

fn constants(function: &str) -> Option<Made> {
    let name = function.strip_prefix("format.")?;
    Some(Made::always(Code::atom(literal::string(name))))
}

fn one(function: &str, a: &Term<'_>) -> Result<Option<Made>, Reason> {
    let code = &a.code;
    match (function, &a.ty) {
        ("size", Type::String | Type::Dyn) => {
            let (code, defined) = text(a)?;
            given(length(&code), defined)
        }
        ("size", Type::Bytes) => always(Code::atom(format!("_len({})", operand(a)))),
        ("size", Type::List(_)) => always(Code::atom(format!("_len({})", a.code))),
        ("size", Type::Map(..)) => always(map_size(a)),
        ("string", Type::String) => always(code.clone()),
        ("string", Type::Int | Type::Uint) => always(Code::atom(format!("_str({code})"))),
        ("string", Type::Bool) => {
            let (yes, no) = (Code::atom("\"true\""), Code::atom("\"false\""));
            always(Code::choice(code, &yes, &no))
        }
        ("string", Type::Opaque("net.IP")) => always(helper("ip_text", &[code])),
        ("string", Type::Opaque("net.CIDR")) => {
            let (address, length) = (part(code, 0), part(code, 1));
            let address = helper("ip_text", &[&address]);
            always(Code::new(
                Level::Sum,
                format!("{address} + \"/\" + _str({length})"),
            ))
        }
        ("int", Type::Int | Type::Uint) | ("uint", Type::Uint) | ("double", Type::Double) => {
            always(code.clone())
        }
        ("int", Type::Dyn) => {
            let is_int = is_kind(code, &["int"]);
            let read = helper("integer", &[&Code::atom(format!("_str({code})"))]);
            let is_text = Code::all([is_kind(code, &["str"]), is_not_none(&read)]);
            let value = Code::choice(&is_int, &Code::atom(format!("_int({code})")), &read);
            given(
                Code::atom(format!("_any({value})")),
                vec![Code::any([is_int, is_text])],
            )
        }
        ("int", Type::String) => perhaps("integer", &[code]),
        ("int", Type::Double) => {
            let code = code.at(Level::Sum);
            let fits = format!("-9.223372036854775808e+18 < {code} < 9.223372036854775808e+18");
            given(Code::atom(format!("_int({code})")), vec![compared(fits)])
        }
        ("int", Type::Duration) => always(operand(a)),
        ("int", Type::Timestamp) => always(part(&operand(a), 0)),
        ("uint", Type::Int) => given(
            code.clone(),
            vec![compared(format!("{} >= 0", code.at(Level::Sum)))],
        ),
        ("double", Type::Int | Type::Uint) => always(Code::atom(format!("_float({code})"))),
        ("double", Type::String) => perhaps("number", &[code]),
        ("bool", Type::Bool) => always(code.clone()),
        ("bool", Type::String) => {
            let (yes, no) = (
                "\"1\", \"t\", \"T\", \"true\", \"TRUE\", \"True\"",
                "\"0\", \"f\", \"F\", \"false\", \"FALSE\", \"False\"",
            );
            let code = code.at(Level::Sum);
            given(
                compared(format!("{code} in [{yes}]")),
                vec![compared(format!("{code} in [{yes}, {no}]"))],
            )
        }
        ("bytes", Type::Bytes) => always(operand(a)),
        ("-_", _) => arithmetic::negated(a).map(Some),
        _ => Ok(None),
    }
}

/// Nulls that the server drops do not count.
fn map_size(map: &Term<'_>) -> Code {
    let code = &map.code;
    if let Some(Place::Value(value)) = map.place
        && let Shape::Map(entry) = &value.shape
        && !entry.nullable
        && entry.default.is_none()
    {
        let code = code.at(Level::Or);
        return Code::atom(format!(
            "_len([_k for _k, _v in {code} if _v not in [None, Undefined]])"
        ));
    }
    Code::atom(format!("_len({code})"))
}

fn part(list: &Code, index: usize) -> Code {
    Code::atom(format!("{}[{index}]", list.at(Level::Atom)))
}

fn texts(function: &str, arguments: &[Term<'_>]) -> Found {
    const FUNCTIONS: [&str; 18] = [
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "charAt",
        "indexOf",
        "lastIndexOf",
        "lowerAscii",
        "upperAscii",
        "replace",
        "split",
        "substring",
        "trim",
        "find",
        "findAll",
        "strings.quote",
        "join",
        "_+_",
    ];
    if !FUNCTIONS.contains(&function) {
        return Ok(None);
    }
    let [first, rest @ ..] = arguments else {
        return Ok(None);
    };
    match (function, &first.ty) {
        ("join", _) => return join(first, rest),
        ("indexOf" | "lastIndexOf" | "_+_", Type::String) | ("contains", Type::String) => {}
        ("indexOf" | "lastIndexOf" | "_+_", _) => return Ok(None),
        _ => {}
    }
    let (this, mut defined) = text(first)?;
    let made = match rest {
        [] => simple_text(function, &this)?,
        [argument] if argument.ty == Type::Int => with_position(function, &this, argument)?,
        [argument] => {
            let (argument, more) = text(argument)?;
            defined.extend(more);
            with_text(function, &this, &argument)?
        }
        [a, b] => with_two(function, &this, a, b)?,
        [a, b, c] if function == "replace" => Made::always(Code::atom(format!(
            "{}.replace({}, {}, {})",
            this.at(Level::Atom),
            a.code,
            b.code,
            c.code
        ))),
        _ => return Ok(None),
    };
    defined.extend(made.defined);
    given(made.code, defined)
}

fn member(this: &Code, call: &str) -> Code {
    Code::atom(format!("{}.{call}", this.at(Level::Atom)))
}

fn simple_text(function: &str, this: &Code) -> Result<Made, Reason> {
    Ok(Made::always(match function {
        "lowerAscii" => helper("lower_ascii", &[this]),
        "upperAscii" => helper("upper_ascii", &[this]),
        "trim" => member(this, "strip()"),
        "strings.quote" => helper("quote", &[this]),
        _ => return Err(format!("the function {function}")),
    }))
}

fn with_text(function: &str, this: &Code, other: &Code) -> Result<Made, Reason> {
    Ok(Made::always(match function {
        "contains" => Code::with_opposite(
            Level::Comparison,
            format!("{} in {}", other.at(Level::Sum), this.at(Level::Sum)),
            format!("{} not in {}", other.at(Level::Sum), this.at(Level::Sum)),
        ),
        "startsWith" => member(this, &format!("startswith({other})")),
        "endsWith" => member(this, &format!("endswith({other})")),
        "matches" => matches(this, &expression(other, false)?),
        "find" => {
            let found = format!("_findall({this}, {})", expression(other, true)?);
            Code::atom(format!("({found} + [\"\"])[0]"))
        }
        "findAll" => Code::atom(format!("_findall({this}, {})", expression(other, true)?)),
        "indexOf" => helper("index_of", &[this, other]),
        "lastIndexOf" => helper("last_index_of", &[this, other]),
        "split" => helper("split", &[this, other, &Code::new(Level::Minus, "-1")]),
        "_+_" => Code::binary(Level::Sum, this, "+", other),
        _ => return Err(format!("the function {function}")),
    }))
}

/// A constant regular expression in Rust's syntax. What finds must not have
/// groups, since KCL would give those.
fn expression(code: &Code, finds: bool) -> Result<String, Reason> {
    let text: Option<String> = literal::parsed(&code.to_string());
    let Some(text) = text else {
        return Err("a regular expression that is no constant".to_owned());
    };
    let Some(rust) = pattern::to_rust(&text) else {
        return Err("a regular expression that KCL reads otherwise".to_owned());
    };
    let has_groups = regex::Regex::new(&rust).is_ok_and(|regex| regex.captures_len() > 1);
    if finds && has_groups {
        return Err("a search with groups".to_owned());
    }
    Ok(literal::pattern(&rust))
}

fn with_position(function: &str, this: &Code, position: &Term<'_>) -> Result<Made, Reason> {
    let at = &position.code;
    let (operand, size) = (at.at(Level::Sum), length(this));
    let within = compared(format!("0 <= {operand} <= {size}"));
    let slice = |slice: String| Code::atom(format!("_str({this})[{slice}]"));
    match function {
        "charAt" => Ok(Made {
            code: slice(format!("{operand}:{operand} + 1")),
            defined: vec![within],
        }),
        "substring" => Ok(Made {
            code: slice(format!("{operand}:")),
            defined: vec![within],
        }),
        _ => Err(format!("the function {function}")),
    }
}

fn with_two(function: &str, this: &Code, a: &Term<'_>, b: &Term<'_>) -> Result<Made, Reason> {
    let (first, second) = (&a.code, &b.code);
    let from_zero = || vec![compared(format!("{} >= 0", second.at(Level::Sum)))];
    Ok(match function {
        "substring" => {
            let (from, to) = (first.at(Level::Sum), second.at(Level::Sum));
            Made {
                code: Code::atom(format!("_str({this})[{from}:{to}]")),
                defined: vec![compared(format!("0 <= {from} <= {to} <= {}", length(this)))],
            }
        }
        "replace" => Made::always(member(this, &format!("replace({first}, {second})"))),
        "split" => Made::always(helper("split", &[this, first, second])),
        "indexOf" => Made {
            code: helper("index_from", &[this, first, second]),
            defined: from_zero(),
        },
        "lastIndexOf" => Made {
            code: helper("last_index_to", &[this, first, second]),
            defined: from_zero(),
        },
        "findAll" => match second.to_string().parse::<u32>() {
            Ok(most) => {
                let found = format!("_findall({this}, {})", expression(first, true)?);
                Made::always(Code::atom(format!("{found}[:{most}]")))
            }
            Err(_) => return Err("a search with a limit that is no constant".to_owned()),
        },
        _ => return Err(format!("the function {function}")),
    })
}

fn join(list: &Term<'_>, by: &[Term<'_>]) -> Found {
    elements_are_there(list)?;
    let by = match by {
        [by] => by.code.clone(),
        _ => Code::atom("\"\""),
    };
    always(member(&by, &format!("join({})", list.code)))
}

fn elements_are_there(term: &Term<'_>) -> Result<(), Reason> {
    match term.place {
        Some(Place::Value(Value {
            shape: Shape::List(element),
            ..
        })) => no_nulls(element),
        _ => Ok(()),
    }
}

/// Whether KCL orders and compares the elements as CEL does.
fn orderable(term: &Term<'_>) -> Result<(), Reason> {
    elements_are_there(term)?;
    match &term.ty {
        Type::List(element) => match **element {
            Type::Int | Type::Double | Type::String => Ok(()),
            ref element => Err(format!("order of values of type {element}")),
        },
        ty => Err(format!("order of values of type {ty}")),
    }
}

fn lists(function: &str, arguments: &[Term<'_>]) -> Found {
    let codes: Vec<Code> = arguments.iter().map(|term| term.code.clone()).collect();
    match (function, arguments, codes.as_slice()) {
        ("_+_", [a, b], [first, second]) if matches!(a.ty, Type::List(_)) => {
            if is_unordered(a) {
                return Err("the sum of lists in any order".to_owned());
            }
            elements_are_there(a)?;
            elements_are_there(b)?;
            always(Code::binary(Level::Sum, first, "+", second))
        }
        ("sets.contains", [a, b], [whole, part]) => sets("has_all", a, b, [whole, part]),
        ("sets.intersects", [a, b], [first, second]) => sets("has_any", a, b, [first, second]),
        ("sets.equivalent", [a, b], [first, second]) => {
            scalar_elements(a)?;
            scalar_elements(b)?;
            always(Code::all([
                helper("has_all", &[first, second]),
                helper("has_all", &[second, first]),
            ]))
        }
        ("isSorted", [list], [code]) => {
            orderable(list)?;
            always(helper("is_sorted", &[code]))
        }
        ("sort", [list], [code]) => {
            orderable(list)?;
            always(Code::atom(format!("_sorted({code})")))
        }
        ("min" | "max", [list], [code]) => {
            orderable(list)?;
            perhaps(if function == "min" { "least" } else { "most" }, &[code])
        }
        ("sum", [list], [code]) => sum(list, code),
        ("lists.range", [_], [code]) => always(Code::atom(format!("[*_range({code})]"))),
        ("reverse", [list], [code]) => {
            elements_are_there(list)?;
            always(helper("reversed", &[code]))
        }
        ("distinct", [list], [code]) => {
            scalar_elements(list)?;
            always(helper("distinct", &[code]))
        }
        ("flatten", [list], [code]) => {
            elements_are_there(list)?;
            always(helper("flat", &[code]))
        }
        ("slice", [list, ..], [code, from, to]) => {
            elements_are_there(list)?;
            let [from, to] = [from, to].map(|code| code.at(Level::Sum));
            given(
                Code::atom(format!("{}[{from}:{to}]", code.at(Level::Atom))),
                vec![compared(format!("0 <= {from} <= {to} <= _len({code})"))],
            )
        }
        ("indexOf" | "lastIndexOf", [list, _], [code, value]) => {
            scalar_elements(list)?;
            let name = if function == "indexOf" {
                "position"
            } else {
                "last_position"
            };
            always(helper(name, &[code, value]))
        }
        _ => Ok(None),
    }
}

fn sets(name: &str, a: &Term<'_>, b: &Term<'_>, codes: [&Code; 2]) -> Found {
    scalar_elements(a)?;
    scalar_elements(b)?;
    always(helper(name, &codes))
}

fn scalar_elements(list: &Term<'_>) -> Result<(), Reason> {
    elements_are_there(list)?;
    match &list.ty {
        Type::List(element) => match **element {
            Type::Int | Type::Uint | Type::Double | Type::String | Type::Bool | Type::Dyn => Ok(()),
            ref element => Err(format!("a set of values of type {element}")),
        },
        ty => Err(format!("a set of values of type {ty}")),
    }
}

fn sum(list: &Term<'_>, code: &Code) -> Found {
    elements_are_there(list)?;
    match &list.ty {
        Type::List(element) => match **element {
            Type::Int => perhaps("total_of", &[code]),
            Type::Double => {
                let floats = format!("[_float(_v) for _v in {}]", code.at(Level::Or));
                always(helper("float_total", &[&Code::atom(floats)]))
            }
            ref element => Err(format!("the sum of values of type {element}")),
        },
        ty => Err(format!("the sum of a value of type {ty}")),
    }
}

fn numbers(function: &str, arguments: &[Term<'_>]) -> Found {
    let sign = match function {
        "_+_" => "+",
        "_-_" => "-",
        "_*_" => "*",
        "_/_" => "/",
        "_%_" => "%",
        _ => return Ok(None),
    };
    match arguments {
        [a, b] if a.ty == b.ty && a.ty != Type::Timestamp => {
            arithmetic::binary(sign, a, b).map(Some)
        }
        _ => Ok(None),
    }
}

fn network(target: &Kcl, function: &str, arguments: &[Term<'_>]) -> Found {
    let codes: Vec<&Code> = arguments.iter().map(|term| &term.code).collect();
    let is_text = |index: usize| {
        arguments
            .get(index)
            .is_some_and(|term| term.ty == Type::String)
    };
    match (function, codes.as_slice()) {
        ("isIP", [text]) => always(is_not_none(&helper("ip", &[text]))),
        ("ip", [a]) if is_text(0) => perhaps("ip", &[a]),
        ("ip", [cidr]) => always(part(cidr, 0)),
        ("ip.isCanonical", [text]) => {
            let ip = helper("ip", &[text]);
            let written = helper("ip_text", &[&ip]);
            given(
                Code::binary(Level::Comparison, &written, "==", text),
                vec![is_not_none(&ip)],
            )
        }
        ("family", [ip]) => {
            let four = compared(format!("_len({ip}) == 4"));
            always(Code::choice(&four, &Code::atom("4"), &Code::atom("6")))
        }
        ("isUnspecified", [ip]) => always(helper("ip_is_unspecified", &[ip])),
        ("isLoopback", [ip]) => always(helper("ip_is_loopback", &[ip])),
        ("isLinkLocalMulticast", [ip]) => always(helper("ip_is_link_local_multicast", &[ip])),
        ("isLinkLocalUnicast", [ip]) => always(helper("ip_is_link_local_unicast", &[ip])),
        ("isGlobalUnicast", [ip]) => always(helper("ip_is_global_unicast", &[ip])),
        ("isCIDR", [text]) => always(is_not_none(&helper("cidr", &[text]))),
        ("cidr", [text]) => perhaps("cidr", &[text]),
        ("containsIP", [cidr, other]) => contained("contains_ip", "ip", cidr, other, is_text(1)),
        ("containsCIDR", [cidr, other]) => {
            contained("contains_cidr", "cidr", cidr, other, is_text(1))
        }
        ("prefixLength", [cidr]) => always(part(cidr, 1)),
        ("masked", [cidr]) => {
            let masked = helper("masked", &[&part(cidr, 0), &part(cidr, 1)]);
            always(Code::atom(format!("[{masked}, {}]", part(cidr, 1))))
        }
        ("isURL", [text]) => always(helper("is_uri", &[text])),
        ("url", [text]) => perhaps("url", &[text]),
        ("getScheme", [url]) => always(part(url, 0)),
        ("getHost", [url]) => decoded(target, url, part(url, 1)),
        ("getHostname", [url]) => decoded(target, url, helper("url_hostname", &[url])),
        ("getPort", [url]) => decoded(target, url, helper("url_port", &[url])),
        ("getEscapedPath", [url]) => decoded(target, url, part(url, 2)),
        ("getQuery", [url]) => decoded(target, url, helper("url_query", &[url])),
        _ => Ok(None),
    }
}

fn contained(name: &str, read: &str, cidr: &Code, other: &Code, is_text: bool) -> Found {
    if !is_text {
        return always(helper(name, &[cidr, other]));
    }
    let other = helper(read, &[other]);
    given(helper(name, &[cidr, &other]), vec![is_not_none(&other)])
}

/// A part of a URL, where nothing in it has to be decoded.
fn decoded(target: &Kcl, url: &Code, code: Code) -> Found {
    let plain = part(url, 4);
    target.assume(Code::any([is_not_none(url).negated(), plain]))?;
    always(code)
}

fn quantities(function: &str, arguments: &[Term<'_>]) -> Found {
    let codes: Vec<&Code> = arguments.iter().map(|term| &term.code).collect();
    let opaque = match arguments.first().map(|term| &term.ty) {
        Some(Type::Opaque(name)) => *name,
        _ => "",
    };
    let ordered = |sign: &str, a: &Code, b: &Code| -> Found {
        always(match opaque {
            "kubernetes.Semver" => compared(format!("_any({a}) {sign} {}", b.at(Level::Sum))),
            _ => compared(format!("{} {sign} 0", helper("quantity_order", &[a, b]))),
        })
    };
    match (function, codes.as_slice()) {
        ("isQuantity", [text]) => always(is_not_none(&helper("quantity", &[text]))),
        ("quantity", [text]) => perhaps("quantity", &[text]),
        ("sign", [quantity]) => always(part(quantity, 0)),
        ("isGreaterThan", [a, b]) => ordered(">", a, b),
        ("isLessThan", [a, b]) => ordered("<", a, b),
        ("compareTo", [a, b]) if opaque == "kubernetes.Semver" => always(helper("order", &[a, b])),
        ("compareTo", [a, b]) => always(helper("quantity_order", &[a, b])),
        ("add" | "sub", [a, b]) => added(function, a, b, arguments),
        ("isInteger" | "asInteger", [quantity]) if is_sum(quantity) => {
            Err("whether Go holds a sum of quantities as an integer".to_owned())
        }
        ("isInteger", [quantity]) => always(is_not_none(&part(quantity, 3))),
        ("asInteger", [quantity]) => {
            let whole = part(quantity, 3);
            let defined = vec![is_not_none(&whole)];
            given(whole, defined)
        }
        ("isSemver", [text]) => always(is_not_none(&helper("semver", &[text]))),
        ("semver", [text]) => perhaps("semver", &[text]),
        ("isSemver", [text, loose]) => always(is_not_none(&helper(semver(loose)?, &[text]))),
        ("semver", [text, loose]) => perhaps(semver(loose)?, &[text]),
        ("major", [version]) => version_part(version, 0),
        ("minor", [version]) => version_part(version, 1),
        ("patch", [version]) => version_part(version, 2),
        ("format.named", [name]) => {
            let Some(text) = literal::parsed(&name.to_string()) else {
                return Err("a format that is no constant".to_owned());
            };
            always(match FORMATS.contains(&text.as_str()) {
                true => (*name).clone(),
                false => Code::atom("None"),
            })
        }
        ("validate", [format, text]) => validated(format, text),
        _ => Ok(None),
    }
}

/// `a.add(b)` or `a.sub(b)`, `b` a quantity or an integer.
fn added(function: &str, a: &Code, b: &Code, arguments: &[Term<'_>]) -> Found {
    let b = match arguments.get(1).map(|term| &term.ty) {
        Some(Type::Int) => helper("quantity", &[&Code::atom(format!("_str({b})"))]),
        _ => b.clone(),
    };
    let b = match function {
        "sub" => helper("negated_quantity", &[&b]),
        _ => b,
    };
    always(helper("quantity_sum", &[a, &b]))
}

/// Whether the quantity is one that `add` or `sub` made, which Go holds otherwise.
pub(super) fn is_sum(quantity: &Code) -> bool {
    quantity.to_string().starts_with("_checks.quantity_sum(")
}

fn semver(loose: &Code) -> Result<&'static str, Reason> {
    match loose.to_string().as_str() {
        "True" => Ok("loose_semver"),
        "False" => Ok("semver"),
        _ => Err("semver with a choice that is no constant".to_owned()),
    }
}

fn version_part(version: &Code, index: usize) -> Found {
    let digits = part(&part(version, index), 1);
    perhaps("integer", &[&digits])
}

const FORMATS: [&str; 13] = [
    "dns1123Label",
    "dns1123Subdomain",
    "dns1035Label",
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "labelValue",
    "uri",
    "uuid",
    "byte",
    "date",
    "datetime",
];

/// None where the text has the format, else a list of one mistake; what the
/// server says of it is not said here.
fn validated(format: &Code, text: &Code) -> Found {
    let Some(name) = literal::parsed(&format.to_string()) else {
        return Err("a format that is no constant".to_owned());
    };
    // A prefix may end in a dash; the server looks at an `a` in place of it and
    // the sign before it.
    let whole = || Code::atom(format!("_regex_replace({text}, \"(?s).-$\", \"a\")"));
    let valid = match name.as_str() {
        "dns1123Label" => short(text, "_LABEL", 63),
        "dns1123Subdomain" => short(text, "_SUBDOMAIN", 253),
        "dns1035Label" => short(text, "_LABEL_1035", 63),
        "dns1123LabelPrefix" => short(&whole(), "_LABEL", 63),
        "dns1123SubdomainPrefix" => short(&whole(), "_SUBDOMAIN", 253),
        "dns1035LabelPrefix" => short(&whole(), "_LABEL_1035", 63),
        "labelValue" => short(text, "_LABEL_VALUE", 63),
        "qualifiedName" => helper("is_qualified", &[text]),
        "uri" => helper("is_uri", &[text]),
        "uuid" => matches(text, "_UUID"),
        "byte" => matches(text, "_BASE64"),
        "date" => matches(text, "_DATE"),
        "datetime" => matches(text, "_DATE_TIME"),
        _ => return Err(format!("the format {name}")),
    };
    let (none, mistakes) = (Code::atom("None"), Code::atom("[\"invalid\"]"));
    always(Code::choice(&valid, &none, &mistakes))
}

fn times(function: &str, arguments: &[Term<'_>]) -> Found {
    let types: Vec<&Type> = arguments.iter().map(|term| &term.ty).collect();
    let codes: Vec<Code> = arguments.iter().map(operand).collect();
    match (function, types.as_slice(), codes.as_slice()) {
        ("timestamp", [Type::Timestamp], [time]) => always(time.clone()),
        ("timestamp", [Type::String], [text]) => {
            let valid = matches(text, &literal::pattern(TIMESTAMP));
            given(
                helper("timestamp", &[text]),
                vec![valid, matches(text, "_DATE_TIME")],
            )
        }
        ("duration", [Type::Duration], [duration]) => always(duration.clone()),
        ("duration", [Type::String], [text]) => perhaps("duration", &[text]),
        ("_-_", [Type::Timestamp, Type::Timestamp], [a, b]) => perhaps("between", &[a, b]),
        ("_+_", [Type::Timestamp, Type::Duration], [time, nanos])
        | ("_+_", [Type::Duration, Type::Timestamp], [nanos, time]) => {
            always(helper("later", &[time, nanos]))
        }
        ("_-_", [Type::Timestamp, Type::Duration], [time, nanos]) => {
            let minus = Code::new(Level::Minus, format!("-{}", nanos.at(Level::Atom)));
            always(helper("later", &[time, &minus]))
        }
        (_, [Type::Duration], [nanos]) => duration_part(function, nanos),
        (_, [Type::Timestamp], [time]) => time_part(function, time, &Code::atom("\"+00:00\"")),
        (_, [Type::Timestamp, Type::String], [time, zone]) => {
            let text = literal::parsed(&zone.to_string()).unwrap_or_default();
            let is_offset = regex::Regex::new("^[+-]?[0-9]{2}:[0-9]{2}$")
                .is_ok_and(|offset| offset.is_match(&text));
            if !is_offset {
                return Err("a time zone by its name".to_owned());
            }
            time_part(function, time, zone)
        }
        _ => Ok(None),
    }
}

/// What Go's RFC 3339 takes and CEL's range holds.
const TIMESTAMP: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$";

fn duration_part(function: &str, nanos: &Code) -> Found {
    let per = match function {
        "getHours" => "3600000000000",
        "getMinutes" => "60000000000",
        "getSeconds" => "1000000000",
        "getMilliseconds" => "1000000",
        _ => return Ok(None),
    };
    always(helper("quotient", &[nanos, &Code::atom(per)]))
}

fn time_part(function: &str, time: &Code, zone: &Code) -> Found {
    let (name, added) = match function {
        "getFullYear" => ("year", 0),
        "getMonth" => ("month", 0),
        "getDayOfMonth" => ("day", 0),
        "getDate" => ("day", 1),
        "getDayOfYear" => ("of_year", 0),
        "getDayOfWeek" => ("of_week", 0),
        "getHours" => ("hour", 0),
        "getMinutes" => ("minute", 0),
        "getSeconds" => ("second", 0),
        "getMilliseconds" => {
            let nanos = part(time, 1);
            return always(Code::new(Level::Product, format!("{nanos} // 1000000")));
        }
        _ => return Ok(None),
    };
    let name = Code::atom(literal::string(name));
    let field = helper("time_field", &[time, &name, zone]);
    always(match added {
        0 => field,
        added => Code::new(Level::Sum, format!("{field} + {added}")),
    })
}

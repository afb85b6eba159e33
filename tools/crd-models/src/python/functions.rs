//! The functions and operators of CEL in Python. What can end in an error gives
//! None in the runtime, which an expression asks for first.

use super::literal;
use super::target::{Python, keys, uniqueness};
use crate::analysis::Unique;
use crate::cel::{Code, Level, Made, Reason, Term};
use crate::pattern;
use cel_frontend::Type;

const QUANTITY: Type = Type::Opaque("kubernetes.Quantity");
const CIDR: Type = Type::Opaque("net.CIDR");

/// Translates a call; the first argument is what a member function is called on.
pub fn call(
    python: &Python<'_>,
    function: &str,
    arguments: &[Term<'_>],
    ty: &Type,
) -> Result<Made, Reason> {
    let call = Call {
        python,
        function,
        arguments,
    };
    let made = call
        .operator()
        .or_else(|| call.conversion())
        .or_else(|| call.text())
        .or_else(|| call.list())
        .or_else(|| call.time())
        .or_else(|| call.network())
        .or_else(|| call.number())
        .or_else(|| call.named_format());
    let _ = ty;
    made.unwrap_or_else(|| Err(format!("the function {function}")))
}

/// The name of a type as CEL knows it when it runs; none if it is only known then.
pub fn type_name(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Null => "null_type",
        Type::Bool => "bool",
        Type::Int => "int",
        Type::Uint => "uint",
        Type::Double => "double",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Timestamp => "google.protobuf.Timestamp",
        Type::Duration => "google.protobuf.Duration",
        Type::List(_) => "list",
        Type::Map(..) | Type::Object(_) => "map",
        Type::Type => "type",
        Type::Opaque(name) => name,
        Type::Optional(_) => "optional_type",
        Type::Dyn | Type::Param(_) => return None,
    })
}

struct Call<'c, 'p, 'm> {
    python: &'c Python<'p>,
    function: &'c str,
    arguments: &'c [Term<'m>],
}

type Found = Option<Result<Made, Reason>>;

/// A value that is always defined.
fn always(code: Code) -> Found {
    Some(Ok(Made::always(code)))
}

/// A value that is None where CEL has an error.
fn unless_none(code: Code) -> Found {
    Some(Ok(Made {
        defined: vec![Python::is_there(&code)],
        code,
    }))
}

fn given(code: Code, defined: Vec<Code>) -> Found {
    Some(Ok(Made { code, defined }))
}

impl Call<'_, '_, '_> {
    fn code(&self, index: usize) -> &Code {
        &self.arguments[index].code
    }

    fn ty(&self, index: usize) -> &Type {
        &self.arguments[index].ty
    }

    fn codes(&self) -> Vec<&Code> {
        self.arguments.iter().map(|term| &term.code).collect()
    }

    /// The runtime's function with all arguments.
    fn runtime(&self, module: &'static str, function: &str) -> Code {
        self.python.runtime(module, function, &self.codes())
    }

    /// `a.attribute`.
    fn attribute(&self, attribute: &str) -> Code {
        Code::atom(format!("{}.{attribute}", self.code(0).at(Level::Atom)))
    }

    /// When the arguments whose type is not known have the one that is asked for.
    fn typed(&self, made: Found, name: &str) -> Found {
        let open = self.arguments.iter().filter(|term| term.ty == Type::Dyn);
        let name = Code::atom(literal::string(name));
        let mut defined: Vec<Code> = open
            .map(|term| {
                self.python
                    .runtime("values", "is_type", &[&term.code, &name])
            })
            .collect();
        let made = match made? {
            Ok(made) => made,
            Err(reason) => return Some(Err(reason)),
        };
        defined.extend(made.defined);
        given(made.code, defined)
    }

    fn operator(&self) -> Found {
        let (sign, level) = match self.function {
            "_+_" => ("+", Level::Sum),
            "_-_" => ("-", Level::Sum),
            "_*_" => ("*", Level::Product),
            "_<_" | "_<=_" | "_>_" | "_>=_" => return self.order(),
            "_/_" | "_%_" => return self.division(),
            "-_" => return self.negation(),
            _ => return None,
        };
        let raw = Code::binary(level, self.code(0), sign, self.code(1));
        let time = |function| unless_none(self.python.runtime("values", function, &[&raw]));
        match (self.ty(0), self.ty(1)) {
            (Type::Int, Type::Int) => self.unless_overflow(raw),
            (Type::Uint, Type::Uint) => {
                let defined = self.python.runtime("values", "uint64", &[&raw]);
                let code = self.python.runtime("values", "UInt", &[&raw]);
                given(code, vec![defined])
            }
            (Type::Double, Type::Double)
            | (Type::String, Type::String)
            | (Type::Bytes, Type::Bytes) => always(raw),
            (Type::List(_), Type::List(_)) => always(self.joined(raw)),
            (Type::Duration, Type::Duration) => time("duration"),
            (Type::Timestamp, Type::Timestamp) => time("duration"),
            (Type::Timestamp, Type::Duration) => self.moved(0, 1),
            (Type::Duration, Type::Timestamp) => self.moved(1, 0),
            _ => self.dynamic(sign),
        }
    }

    /// A timestamp and a duration.
    fn moved(&self, moment: usize, by: usize) -> Found {
        let by = match self.function {
            "_-_" => Code::new(Level::Minus, format!("-{}", self.code(by).at(Level::Minus))),
            _ => self.code(by).clone(),
        };
        let arguments = [self.code(moment), &by];
        unless_none(self.python.runtime("values", "moved", &arguments))
    }

    /// A comparison of values whose types are not known.
    fn order(&self) -> Found {
        let sign = self.function.trim_matches('_');
        let code = Code::binary(Level::Comparison, self.code(0), sign, self.code(1));
        given(code, vec![self.runtime("values", "comparable")])
    }

    /// An operator on values whose types are not known.
    fn dynamic(&self, sign: &str) -> Found {
        let sign = Code::atom(literal::string(sign));
        let arguments: Vec<&Code> = [&sign].into_iter().chain(self.codes()).collect();
        unless_none(self.python.runtime("dynamic", "calculated", &arguments))
    }

    fn unless_overflow(&self, raw: Code) -> Found {
        let defined = self.python.runtime("values", "int64", &[&raw]);
        given(raw, vec![defined])
    }

    /// `a + b` of lists; those of sets and maps know each other's elements.
    fn joined(&self, raw: Code) -> Code {
        match uniqueness(&self.arguments[0]) {
            Some(Unique::Element) => self.runtime("values", "union"),
            Some(Unique::Keys(fields)) => {
                let fields = keys(fields);
                let arguments: Vec<&Code> = self.codes().into_iter().chain(&fields).collect();
                self.python.runtime("values", "merged", &arguments)
            }
            _ => raw,
        }
    }

    fn division(&self) -> Found {
        let zero = Code::atom("0");
        let not_zero = Code::binary(Level::Comparison, self.code(1), "!=", &zero);
        match (self.function, self.ty(0), self.ty(1)) {
            ("_/_", Type::Double, Type::Double) => always(self.runtime("values", "quotient")),
            ("_/_", Type::Int, Type::Int) => {
                let code = self.runtime("values", "divided");
                let defined = self.python.runtime("values", "int64", &[&code]);
                given(code, vec![not_zero, defined])
            }
            ("_%_", Type::Int, Type::Int) => {
                given(self.runtime("values", "remainder"), vec![not_zero])
            }
            (_, Type::Uint, Type::Uint) => {
                let sign = if self.function == "_/_" { "//" } else { "%" };
                let raw = Code::binary(Level::Product, self.code(0), sign, self.code(1));
                let code = self.python.runtime("values", "UInt", &[&raw]);
                given(code, vec![not_zero])
            }
            _ => self.dynamic(self.function.trim_matches('_')),
        }
    }

    fn negation(&self) -> Found {
        let raw = Code::new(Level::Minus, format!("-{}", self.code(0).at(Level::Minus)));
        match self.ty(0) {
            Type::Int => self.unless_overflow(raw),
            Type::Double => always(raw),
            _ => {
                let (sign, zero) = (Code::atom("\"-\""), Code::atom("0"));
                let arguments = [&sign, &zero, self.code(0)];
                unless_none(self.python.runtime("dynamic", "calculated", &arguments))
            }
        }
    }

    fn conversion(&self) -> Found {
        match (self.function, self.arguments.first().map(|term| &term.ty)?) {
            ("size", Type::Dyn) => unless_none(self.runtime("dynamic", "size")),
            ("size", _) => always(self.python.builtin("len", self.code(0))),
            ("type", _) => always(self.runtime("values", "type_of")),
            ("bool", Type::Bool)
            | ("bytes", Type::Bytes)
            | ("double", Type::Double)
            | ("duration", Type::Duration)
            | ("int", Type::Int)
            | ("string", Type::String)
            | ("timestamp", Type::Timestamp)
            | ("uint", Type::Uint) => always(self.code(0).clone()),
            ("string", Type::Int | Type::Uint) => always(self.python.builtin("str", self.code(0))),
            ("double", Type::Int | Type::Uint) => {
                always(self.python.builtin("float", self.code(0)))
            }
            ("string", Type::Bytes | Type::Dyn) => unless_none(self.converted()),
            ("string", _) => always(self.converted()),
            ("bool" | "bytes" | "double" | "duration" | "int" | "timestamp" | "uint", _) => {
                unless_none(self.converted())
            }
            _ => None,
        }
    }

    fn converted(&self) -> Code {
        self.runtime("conversions", &format!("to_{}", self.function))
    }

    fn text(&self) -> Found {
        let first = self.arguments.first().map(|term| &term.ty);
        let is_text = matches!(first, Some(Type::String | Type::Dyn));
        let method = |name| {
            let code = self.code(0).at(Level::Atom);
            Code::atom(format!("{code}.{name}({})", self.code(1)))
        };
        let made = match self.function {
            "contains" if is_text => always(Code::binary(
                Level::Comparison,
                self.code(1),
                "in",
                self.code(0),
            )),
            "startsWith" => always(method("startswith")),
            "endsWith" => always(method("endswith")),
            "matches" => self.matches(),
            "lowerAscii" => always(self.runtime("texts", "lower_ascii")),
            "upperAscii" => always(self.runtime("texts", "upper_ascii")),
            "trim" => always(self.runtime("texts", "trim")),
            "strings.quote" => always(self.runtime("texts", "quote")),
            "find" | "findAll" => return self.found(),
            "format" => return unless_none(self.runtime("formatting", "formatted")),
            "join" => return always(self.joined_texts()),
            "charAt" => return unless_none(self.runtime("texts", "char_at")),
            "substring" => return unless_none(self.runtime("texts", "substring")),
            "replace" => return always(self.runtime("texts", "replaced")),
            "split" => return always(self.runtime("texts", "split")),
            "indexOf" if is_text => return self.index("index_of"),
            "lastIndexOf" if is_text => return self.index("last_index_of"),
            _ => return None,
        };
        self.typed(made, "string")
    }

    fn index(&self, function: &str) -> Found {
        let code = self.runtime("texts", function);
        if self.arguments.len() > 2 {
            unless_none(code)
        } else {
            always(code)
        }
    }

    fn joined_texts(&self) -> Code {
        let separator = match self.arguments.get(1) {
            Some(separator) => separator.code.at(Level::Atom),
            None => "\"\"".to_owned(),
        };
        Code::atom(format!("{separator}.join({})", self.code(0)))
    }

    /// A constant pattern is translated here, any other one when it is there.
    fn matches(&self) -> Found {
        let Some(re2) = self.python.text_of(self.code(1)) else {
            return unless_none(self.runtime("texts", "matches"));
        };
        let Some(translated) = pattern::to_pydantic(&re2) else {
            return Some(Err(format!("the pattern {re2}")));
        };
        let translated = Code::atom(literal::pattern(&translated));
        let arguments = [&translated, self.code(0)];
        always(self.python.runtime("patterns", "matches", &arguments))
    }

    fn found(&self) -> Found {
        // Classes of Unicode are not known to Python's re.
        let is_odd = |re2: String| re2.contains("\\p") || re2.contains("\\P");
        if self.python.text_of(self.code(1)).is_some_and(is_odd) {
            return Some(Err("classes of Unicode in what is to be found".to_owned()));
        }
        let function = if self.function == "find" {
            "find"
        } else {
            "find_all"
        };
        unless_none(self.runtime("texts", function))
    }

    fn list(&self) -> Found {
        let total = |zero: Code| {
            let arguments = [self.code(0), &zero];
            unless_none(self.python.runtime("lists", "total", &arguments))
        };
        Some(match self.function {
            "sets.contains" => return always(self.runtime("lists", "set_contains")),
            "sets.equivalent" => return always(self.runtime("lists", "set_equivalent")),
            "sets.intersects" => return always(self.runtime("lists", "set_intersects")),
            "slice" => return unless_none(self.runtime("lists", "sliced")),
            "flatten" => return unless_none(self.runtime("lists", "flatten")),
            "sort" => return unless_none(self.runtime("lists", "in_order")),
            "lists.range" => return unless_none(self.runtime("lists", "numbers")),
            "reverse" => {
                let list = self.code(0).at(Level::Atom);
                return always(Code::atom(format!("{list}[::-1]")));
            }
            "distinct" => return always(self.runtime("lists", "distinct")),
            "isSorted" => return always(self.runtime("lists", "is_sorted")),
            "min" => return unless_none(self.runtime("lists", "least")),
            "max" => return unless_none(self.runtime("lists", "greatest")),
            "indexOf" => return always(self.runtime("lists", "index_of")),
            "lastIndexOf" => return always(self.runtime("lists", "last_index_of")),
            "sum" => match self.ty(0) {
                Type::List(element) => match **element {
                    Type::Int => return total(Code::atom("0")),
                    Type::Double => return total(Code::atom("0.0")),
                    Type::Uint => return total(self.zero("UInt")),
                    Type::Duration => return total(self.zero("Duration")),
                    _ => Err("the sum of a list of any type".to_owned()),
                },
                _ => Err("the sum of what may be no list".to_owned()),
            },
            _ => return None,
        })
    }

    fn zero(&self, class: &str) -> Code {
        self.python.runtime("values", class, &[&Code::atom("0")])
    }

    fn time(&self) -> Found {
        let function = match self.function {
            "getFullYear" => "full_year",
            "getMonth" => "month",
            "getDayOfYear" => "day_of_year",
            "getDayOfMonth" => "day_of_month",
            "getDate" => "date",
            "getDayOfWeek" => "day_of_week",
            "getHours" => "hours",
            "getMinutes" => "minutes",
            "getSeconds" => "seconds",
            "getMilliseconds" => "milliseconds",
            _ => return None,
        };
        let code = self.runtime("times", function);
        if self.arguments.len() > 1 {
            unless_none(code)
        } else {
            always(code)
        }
    }

    fn network(&self) -> Found {
        let ty = self.arguments.first().map(|term| &term.ty);
        match self.function {
            "url" => unless_none(self.runtime("networks", "url")),
            "isURL" => always(self.runtime("networks", "is_url")),
            "getScheme" => always(self.attribute("scheme")),
            "getHost" => always(self.attribute("host")),
            "getHostname" => always(self.attribute("hostname")),
            "getPort" => always(self.attribute("port")),
            "getEscapedPath" => always(self.attribute("escaped_path")),
            "getQuery" => always(self.attribute("parameters()")),
            "ip" if ty == Some(&CIDR) => always(self.attribute("address")),
            "ip" => unless_none(self.runtime("networks", "ip")),
            "isIP" => always(self.runtime("networks", "is_ip")),
            "ip.isCanonical" => unless_none(self.runtime("networks", "is_canonical")),
            "family" => always(self.runtime("networks", "family")),
            "isUnspecified" => always(self.runtime("networks", "is_unspecified")),
            "isLoopback" => always(self.runtime("networks", "is_loopback")),
            "isLinkLocalMulticast" => always(self.runtime("networks", "is_link_local_multicast")),
            "isLinkLocalUnicast" => always(self.runtime("networks", "is_link_local_unicast")),
            "isGlobalUnicast" => always(self.runtime("networks", "is_global_unicast")),
            "cidr" => unless_none(self.runtime("networks", "cidr")),
            "isCIDR" => always(self.runtime("networks", "is_cidr")),
            "containsIP" => unless_none(self.runtime("networks", "contains_ip")),
            "containsCIDR" => unless_none(self.runtime("networks", "contains_cidr")),
            "prefixLength" => always(self.attribute("length")),
            "masked" => always(self.runtime("networks", "masked")),
            _ => None,
        }
    }

    /// Quantities and versions.
    fn number(&self) -> Found {
        let is_quantity = self.arguments.first().map(|term| &term.ty) == Some(&QUANTITY);
        let module = if is_quantity {
            "quantities"
        } else {
            "versions"
        };
        let order = |sign| {
            let compared = self.runtime(module, "compare");
            always(Code::binary(
                Level::Comparison,
                &compared,
                sign,
                &Code::atom("0"),
            ))
        };
        match self.function {
            "quantity" => unless_none(self.runtime("quantities", "quantity")),
            "isQuantity" => always(self.runtime("quantities", "is_quantity")),
            "sign" => always(self.runtime("quantities", "sign")),
            "isGreaterThan" => order(">"),
            "isLessThan" => order("<"),
            "compareTo" => always(self.runtime(module, "compare")),
            "asApproximateFloat" => always(self.runtime("quantities", "approximate_float")),
            "asInteger" => unless_none(self.runtime("quantities", "as_integer")),
            "isInteger" => always(self.runtime("quantities", "is_integer")),
            "add" => always(self.runtime("quantities", "added")),
            "sub" => always(self.runtime("quantities", "subtracted")),
            "semver" => unless_none(self.runtime("versions", "semver")),
            "isSemver" => always(self.runtime("versions", "is_semver")),
            "major" | "minor" | "patch" => always(self.attribute(self.function)),
            _ => None,
        }
    }

    fn named_format(&self) -> Found {
        match self.function {
            "format.named" => always(self.runtime("named_formats", "named")),
            "validate" => always(self.runtime("named_formats", "problems")),
            function => {
                let name = function.strip_prefix("format.")?;
                let name = Code::atom(literal::string(name));
                always(
                    self.python
                        .runtime("named_formats", "NamedFormat", &[&name]),
                )
            }
        }
    }
}

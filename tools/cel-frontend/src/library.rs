//! The functions that a rule may call, as the API server v1.37 declares them for
//! new expressions: cel-go's standard library, its strings (version 2), sets,
//! lists (version 3), optionals and two-variable comprehensions, and
//! Kubernetes' own (`k8s.io/apiserver/pkg/cel/library`).

use crate::Type;
use std::collections::HashMap;
use std::sync::LazyLock;

/// One way to call a function. Type parameters are numbered from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Overload {
    /// Whether the first parameter stands before the dot.
    pub member: bool,
    /// What it takes; type parameters stand for any type.
    pub parameters: Vec<Type>,
    /// What it gives.
    pub result: Type,
}

/// `name(parameters) -> result`, or `type.name(parameters) -> result` for a
/// member. `{T …}` repeats a line for each type. A, B, K, V are type parameters.
const DECLARATIONS: &str = "
_?_:_(bool, A, A) -> A
_&&_(bool, bool) -> bool
_||_(bool, bool) -> bool
!_(bool) -> bool
_==_(A, A) -> bool
_!=_(A, A) -> bool
_+_(bytes, bytes) -> bytes
_+_(double, double) -> double
_+_(duration, duration) -> duration
_+_(duration, timestamp) -> timestamp
_+_(timestamp, duration) -> timestamp
_+_(int, int) -> int
_+_(list(A), list(A)) -> list(A)
_+_(string, string) -> string
_+_(uint, uint) -> uint
_-_(double, double) -> double
_-_(duration, duration) -> duration
_-_(int, int) -> int
_-_(timestamp, duration) -> timestamp
_-_(timestamp, timestamp) -> duration
_-_(uint, uint) -> uint
{double int uint}_*_(T, T) -> T
{double int uint}_/_(T, T) -> T
{int uint}_%_(T, T) -> T
{double int}-_(T) -> T
_[_](list(A), int) -> A
_[_](map(A, B), A) -> B
_[_](optional(list(V)), int) -> optional(V)
_[_](optional(map(K, V)), K) -> optional(V)
_[?_](list(V), int) -> optional(V)
_[?_](optional(list(V)), int) -> optional(V)
_[?_](map(K, V), K) -> optional(V)
_[?_](optional(map(K, V)), K) -> optional(V)
@in(A, list(A)) -> bool
@in(A, map(A, B)) -> bool
{bytes string list(A) map(A,B)}size(T) -> int
{bytes string list(A) map(A,B)}T.size() -> int
type(A) -> type
dyn(A) -> dyn
{bool string}bool(T) -> bool
{bytes string}bytes(T) -> bytes
{double int string uint}double(T) -> double
{duration string}duration(T) -> duration
{int double duration string timestamp uint}int(T) -> int
{uint double int string}uint(T) -> uint
{string bool bytes double duration int timestamp uint net.IP net.CIDR}string(T) -> string
{timestamp int string}timestamp(T) -> timestamp
string.contains(string) -> bool
string.endsWith(string) -> bool
string.startsWith(string) -> bool
string.matches(string) -> bool
matches(string, string) -> bool
timestamp.getFullYear() -> int
timestamp.getFullYear(string) -> int
timestamp.getMonth() -> int
timestamp.getMonth(string) -> int
timestamp.getDayOfYear() -> int
timestamp.getDayOfYear(string) -> int
timestamp.getDayOfMonth() -> int
timestamp.getDayOfMonth(string) -> int
timestamp.getDate() -> int
timestamp.getDate(string) -> int
timestamp.getDayOfWeek() -> int
timestamp.getDayOfWeek(string) -> int
timestamp.getHours() -> int
timestamp.getHours(string) -> int
duration.getHours() -> int
timestamp.getMinutes() -> int
timestamp.getMinutes(string) -> int
duration.getMinutes() -> int
timestamp.getSeconds() -> int
timestamp.getSeconds(string) -> int
duration.getSeconds() -> int
timestamp.getMilliseconds() -> int
timestamp.getMilliseconds(string) -> int
duration.getMilliseconds() -> int
string.charAt(int) -> string
string.indexOf(string) -> int
string.indexOf(string, int) -> int
string.lastIndexOf(string) -> int
string.lastIndexOf(string, int) -> int
string.lowerAscii() -> string
string.upperAscii() -> string
string.replace(string, string) -> string
string.replace(string, string, int) -> string
string.split(string) -> list(string)
string.split(string, int) -> list(string)
string.substring(int) -> string
string.substring(int, int) -> string
string.trim() -> string
string.format(list(dyn)) -> string
strings.quote(string) -> string
list(string).join() -> string
list(string).join(string) -> string
sets.contains(list(A), list(A)) -> bool
sets.equivalent(list(A), list(A)) -> bool
sets.intersects(list(A), list(A)) -> bool
list(A).slice(int, int) -> list(A)
list(list(A)).flatten() -> list(A)
list(dyn).flatten(int) -> list(dyn)
{int uint double bool duration timestamp string bytes}list(T).sort() -> list(T)
lists.range(int) -> list(int)
list(A).reverse() -> list(A)
list(A).distinct() -> list(A)
list(V).first() -> optional(V)
list(V).last() -> optional(V)
{int uint double bool duration timestamp string bytes}list(T).isSorted() -> bool
{int uint double duration}list(T).sum() -> T
{int uint double bool duration timestamp string bytes}list(T).min() -> T
{int uint double bool duration timestamp string bytes}list(T).max() -> T
list(A).indexOf(A) -> int
list(A).lastIndexOf(A) -> int
optional.of(V) -> optional(V)
optional.ofNonZeroValue(V) -> optional(V)
optional.none() -> optional(V)
optional.unwrap(list(optional(V))) -> list(V)
list(optional(V)).unwrapOpt() -> list(V)
optional(V).value() -> V
optional(V).hasValue() -> bool
optional(V).or(optional(V)) -> optional(V)
optional(V).orValue(V) -> V
string.find(string) -> string
string.findAll(string) -> list(string)
string.findAll(string, int) -> list(string)
url(string) -> kubernetes.URL
isURL(string) -> bool
kubernetes.URL.getScheme() -> string
kubernetes.URL.getHost() -> string
kubernetes.URL.getHostname() -> string
kubernetes.URL.getPort() -> string
kubernetes.URL.getEscapedPath() -> string
kubernetes.URL.getQuery() -> map(string, list(string))
ip(string) -> net.IP
isIP(string) -> bool
ip.isCanonical(string) -> bool
net.IP.family() -> int
net.IP.isUnspecified() -> bool
net.IP.isLoopback() -> bool
net.IP.isLinkLocalMulticast() -> bool
net.IP.isLinkLocalUnicast() -> bool
net.IP.isGlobalUnicast() -> bool
cidr(string) -> net.CIDR
isCIDR(string) -> bool
net.CIDR.containsIP(string) -> bool
net.CIDR.containsIP(net.IP) -> bool
net.CIDR.containsCIDR(string) -> bool
net.CIDR.containsCIDR(net.CIDR) -> bool
net.CIDR.ip() -> net.IP
net.CIDR.prefixLength() -> int
net.CIDR.masked() -> net.CIDR
quantity(string) -> kubernetes.Quantity
isQuantity(string) -> bool
sign(kubernetes.Quantity) -> int
kubernetes.Quantity.isGreaterThan(kubernetes.Quantity) -> bool
kubernetes.Quantity.isLessThan(kubernetes.Quantity) -> bool
kubernetes.Quantity.compareTo(kubernetes.Quantity) -> int
kubernetes.Quantity.asApproximateFloat() -> double
kubernetes.Quantity.asInteger() -> int
kubernetes.Quantity.isInteger() -> bool
kubernetes.Quantity.add(kubernetes.Quantity) -> kubernetes.Quantity
kubernetes.Quantity.add(int) -> kubernetes.Quantity
kubernetes.Quantity.sub(kubernetes.Quantity) -> kubernetes.Quantity
kubernetes.Quantity.sub(int) -> kubernetes.Quantity
semver(string) -> kubernetes.Semver
semver(string, bool) -> kubernetes.Semver
isSemver(string) -> bool
isSemver(string, bool) -> bool
kubernetes.Semver.isGreaterThan(kubernetes.Semver) -> bool
kubernetes.Semver.isLessThan(kubernetes.Semver) -> bool
kubernetes.Semver.compareTo(kubernetes.Semver) -> int
kubernetes.Semver.major() -> int
kubernetes.Semver.minor() -> int
kubernetes.Semver.patch() -> int
kubernetes.authorization.Authorizer.path(string) -> kubernetes.authorization.PathCheck
kubernetes.authorization.Authorizer.group(string) -> kubernetes.authorization.GroupCheck
kubernetes.authorization.Authorizer.serviceAccount(string, string) -> kubernetes.authorization.Authorizer
kubernetes.authorization.GroupCheck.resource(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.subresource(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.namespace(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.name(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.fieldSelector(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.labelSelector(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.PathCheck.check(string) -> kubernetes.authorization.Decision
kubernetes.authorization.ResourceCheck.check(string) -> kubernetes.authorization.Decision
kubernetes.authorization.Decision.errored() -> bool
kubernetes.authorization.Decision.error() -> string
kubernetes.authorization.Decision.allowed() -> bool
kubernetes.authorization.Decision.reason() -> string
format.named(string) -> optional(kubernetes.NamedFormat)
kubernetes.NamedFormat.validate(string) -> optional(list(string))
format.dns1123Label() -> kubernetes.NamedFormat
format.dns1123Subdomain() -> kubernetes.NamedFormat
format.dns1035Label() -> kubernetes.NamedFormat
format.qualifiedName() -> kubernetes.NamedFormat
format.dns1123LabelPrefix() -> kubernetes.NamedFormat
format.dns1123SubdomainPrefix() -> kubernetes.NamedFormat
format.dns1035LabelPrefix() -> kubernetes.NamedFormat
format.labelValue() -> kubernetes.NamedFormat
format.uri() -> kubernetes.NamedFormat
format.uuid() -> kubernetes.NamedFormat
format.byte() -> kubernetes.NamedFormat
format.date() -> kubernetes.NamedFormat
format.datetime() -> kubernetes.NamedFormat
";

/// `<`, `<=`, `>`, `>=` take two of these, or two numbers of any kind.
const COMPARABLE: [Type; 8] = [
    Type::Bool,
    Type::Int,
    Type::Uint,
    Type::Double,
    Type::String,
    Type::Bytes,
    Type::Timestamp,
    Type::Duration,
];
const NUMBERS: [Type; 3] = [Type::Int, Type::Uint, Type::Double];

/// The names of types that stand for themselves in an expression.
const TYPE_NAMES: [&str; 13] = [
    "bool",
    "bytes",
    "double",
    "google.protobuf.Duration",
    "google.protobuf.Timestamp",
    "int",
    "list",
    "map",
    "net.CIDR",
    "net.IP",
    "null_type",
    "string",
    "uint",
];

type Functions = HashMap<String, Vec<Overload>>;

static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| {
    let mut functions = Functions::new();
    for line in DECLARATIONS.lines().filter(|line| !line.is_empty()) {
        for line in repeated(line) {
            let (name, overload) = declaration(&line);
            functions.entry(name).or_default().push(overload);
        }
    }
    for operator in ["_<_", "_<=_", "_>_", "_>=_"] {
        functions.insert(operator.to_owned(), comparisons());
    }
    functions
});

/// The ways to call a function, in the server's order; none if there is no such function.
pub fn overloads(name: &str) -> Option<&'static [Overload]> {
    FUNCTIONS.get(name).map(Vec::as_slice)
}

/// Every function's name.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().map(String::as_str)
}

/// Whether `name` is a type as a value.
pub(crate) fn is_type_name(name: &str) -> bool {
    TYPE_NAMES.contains(&name) || name == "type" || name == "optional_type"
}

fn comparisons() -> Vec<Overload> {
    let mixed = NUMBERS
        .iter()
        .flat_map(|a| NUMBERS.iter().map(move |b| (a.clone(), b.clone())))
        .filter(|(a, b)| a != b);
    let same = COMPARABLE.iter().map(|ty| (ty.clone(), ty.clone()));
    same.chain(mixed)
        .map(|(a, b)| Overload {
            member: false,
            parameters: vec![a, b],
            result: Type::Bool,
        })
        .collect()
}

fn repeated(line: &str) -> Vec<String> {
    let Some((types, pattern)) = line.strip_prefix('{').and_then(|rest| rest.split_once('}'))
    else {
        return vec![line.to_owned()];
    };
    let is_word = |c: char| c.is_ascii_alphanumeric();
    types
        .split(' ')
        .map(|ty| {
            let mut out = String::new();
            let mut before = ' ';
            let mut rest = pattern.chars().peekable();
            while let Some(c) = rest.next() {
                let alone = !is_word(before) && !rest.peek().copied().is_some_and(is_word);
                match c {
                    'T' if alone => out.push_str(ty),
                    _ => out.push(c),
                }
                before = c;
            }
            out
        })
        .collect()
}

/// `string.size() -> int`: a member if what stands before the last dot is a type.
fn declaration(line: &str) -> (String, Overload) {
    let (signature, result) = line.rsplit_once(" -> ").unwrap_or((line, "dyn"));
    let signature = signature.strip_suffix(')').unwrap_or(signature);
    let (path, parameters) = split_parameters(signature);
    let target = path.rsplit_once('.').and_then(|(before, name)| {
        let ty = named(before)?;
        Some((ty, name))
    });
    let mut types: Vec<Type> = Vec::new();
    let name = match &target {
        Some((ty, name)) => {
            types.push(ty.clone());
            name
        }
        None => path,
    };
    types.extend(split_types(parameters).into_iter().filter_map(named));
    let overload = Overload {
        member: target.is_some(),
        parameters: types,
        result: named(result).unwrap_or(Type::Dyn),
    };
    (name.to_owned(), overload)
}

/// The parameters begin at the bracket whose partner is the last one.
fn split_parameters(signature: &str) -> (&str, &str) {
    let mut depth = 0;
    for (index, c) in signature.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' if depth == 0 => return (&signature[..index], &signature[index + 1..]),
            '(' => depth -= 1,
            _ => {}
        }
    }
    (signature, "")
}

fn split_types(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (index, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(text[start..index].trim());
                start = index + 1;
            }
            _ => {}
        }
    }
    found.push(text[start..].trim());
    found.retain(|text| !text.is_empty());
    found
}

fn named(text: &str) -> Option<Type> {
    Some(match text {
        "dyn" => Type::Dyn,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "timestamp" => Type::Timestamp,
        "duration" => Type::Duration,
        "type" => Type::Type,
        "A" | "K" => Type::Param(0),
        "B" | "V" => Type::Param(1),
        "net.IP" => Type::Opaque("net.IP"),
        "net.CIDR" => Type::Opaque("net.CIDR"),
        "kubernetes.URL" => Type::Opaque("kubernetes.URL"),
        "kubernetes.Quantity" => Type::Opaque("kubernetes.Quantity"),
        "kubernetes.Semver" => Type::Opaque("kubernetes.Semver"),
        "kubernetes.NamedFormat" => Type::Opaque("kubernetes.NamedFormat"),
        "kubernetes.authorization.Authorizer" => {
            Type::Opaque("kubernetes.authorization.Authorizer")
        }
        "kubernetes.authorization.PathCheck" => Type::Opaque("kubernetes.authorization.PathCheck"),
        "kubernetes.authorization.GroupCheck" => {
            Type::Opaque("kubernetes.authorization.GroupCheck")
        }
        "kubernetes.authorization.ResourceCheck" => {
            Type::Opaque("kubernetes.authorization.ResourceCheck")
        }
        "kubernetes.authorization.Decision" => Type::Opaque("kubernetes.authorization.Decision"),
        _ => {
            let (name, rest) = text.split_once('(')?;
            let types: Option<Vec<Type>> = split_types(rest.strip_suffix(')')?)
                .into_iter()
                .map(named)
                .collect();
            match (name, types?.as_slice()) {
                ("list", [element]) => Type::list(element.clone()),
                ("map", [key, value]) => Type::map(key.clone(), value.clone()),
                ("optional", [value]) => Type::optional(value.clone()),
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn every_line_is_read() {
        for line in DECLARATIONS.lines().filter(|line| !line.is_empty()) {
            for line in repeated(line) {
                let (name, overload) = declaration(&line);
                assert!(overload.parameters.len() <= 4, "{line}");
                let dots = name.matches('.').count();
                assert!(dots <= 1 && !name.contains('('), "{line}: {name}");
                assert_eq!(
                    line.contains("-> dyn"),
                    overload.result == Type::Dyn,
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn members_and_namespaces_are_told_apart() {
        let join = overloads("join").unwrap();
        assert!(join.iter().all(|overload| overload.member));
        assert_eq!(join[1].parameters, [Type::list(Type::String), Type::String]);
        assert!(!overloads("sets.contains").unwrap()[0].member);
        assert_eq!(overloads("size").unwrap().len(), 8);
    }
}

//! The formats of texts that the API server checks (kube-openapi,
//! `pkg/validation/strfmt`, over Go's `net`, `net/url`, `net/mail` and `time`).
//!
//! What a regular expression says is a constant of the module; the rest are
//! lambdas of the package's helper file.

use crate::cel::{Code, Level};

/// Expressions by the name of their constant, in the syntax of Rust's `regex`.
pub const CONSTANTS: [(&str, &str); 18] = [
    ("_BASE64", BASE64),
    ("_DATE", DATE),
    ("_DATE_TIME", DATE_TIME),
    ("_DURATION", DURATION),
    ("_HEX_COLOR", "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"),
    ("_LABEL", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
    ("_LABEL_1035", "^[a-z]([-a-z0-9]*[a-z0-9])?$"),
    ("_LABEL_VALUE", LABEL_VALUE),
    ("_MAC", MAC),
    ("_OBJECT_ID", "^[0-9a-fA-F]{24}$"),
    ("_PREFIX", PREFIX),
    ("_RGB_COLOR", RGB_COLOR),
    ("_SSN", SSN),
    ("_SUBDOMAIN", SUBDOMAIN),
    ("_UUID", UUID),
    ("_UUID3", UUID3),
    ("_UUID4", UUID4),
    ("_UUID5", UUID5),
];

const BASE64: &str = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$";
/// With the days that a month has, and 29 February in leap years.
const DATE: &str = "^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$";
/// Whatever follows a second `t` is not looked at.
const DATE_TIME: &str = r"(?i)^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)t([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([^\nt][0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})(t|$)";
/// Go's own syntax; or a number with a unit in words, somewhere.
const DURATION: &str = r"^[-+]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$|[0-9][\t\n\f\r ]*(?i:((ns|us|µs|ms|s|m|h|hr|d|w|wk)([^a-zµ]|$))|nano|micro|milli|sec|min|hour|day|week)";
const LABEL_VALUE: &str = "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";
const MAC: &str = r"^[0-9a-fA-F]{2}((:[0-9a-fA-F]{2}){5}|(:[0-9a-fA-F]{2}){7}|(:[0-9a-fA-F]{2}){19}|(-[0-9a-fA-F]{2}){5}|(-[0-9a-fA-F]{2}){7}|(-[0-9a-fA-F]{2}){19})$|^[0-9a-fA-F]{4}((\.[0-9a-fA-F]{4}){2}|(\.[0-9a-fA-F]{4}){3}|(\.[0-9a-fA-F]{4}){9})$";
/// A subdomain; or what is one with an `a` for the last two characters, the
/// second of which is a dash (apimachinery, `maskTrailingDash`).
const PREFIX: &str = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)*([a-z0-9]([-a-z0-9]*[a-z0-9])?|([a-z0-9][-a-z0-9]*)?[[:ascii:]]-)$";
const RGB_COLOR: &str = r"^rgb\([\t\n\f\r ]*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\f\r ]*,[\t\n\f\r ]*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\f\r ]*,[\t\n\f\r ]*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\f\r ]*\)$";
const SSN: &str = "^[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}$";
const SUBDOMAIN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
const UUID: &str = "^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$";
const UUID3: &str =
    "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?3[0-9a-fA-F]{3}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$";
const UUID4: &str =
    "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?4[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}$";
const UUID5: &str =
    "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?5[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}$";

/// Whether `text` has the format; none if the server does not look at it.
pub fn has_format(format: &str, text: &Code) -> Option<Code> {
    let lambda = |name: &str| helper(name, &[text]);
    Some(match format {
        "bsonobjectid" => matches(text, "_OBJECT_ID"),
        "byte" => matches(text, "_BASE64"),
        "cidr" => lambda("is_sloppy_cidr"),
        "creditcard" => lambda("is_credit_card"),
        "date" => matches(text, "_DATE"),
        "datetime" => matches(text, "_DATE_TIME"),
        "duration" => matches(text, "_DURATION"),
        "email" => lambda("is_email"),
        "hexcolor" => matches(text, "_HEX_COLOR"),
        "hostname" => lambda("is_hostname"),
        "ipv4" => lambda("is_sloppy_ipv4"),
        "ipv6" => lambda("is_ipv6"),
        "isbn" => Code::any([lambda("is_isbn10"), lambda("is_isbn13")]),
        "isbn10" => lambda("is_isbn10"),
        "isbn13" => lambda("is_isbn13"),
        "k8slongname" => short(text, "_SUBDOMAIN", 253),
        "k8sshortname" => short(text, "_LABEL", 63),
        "mac" => matches(text, "_MAC"),
        "rgbcolor" => matches(text, "_RGB_COLOR"),
        "ssn" => matches(text, "_SSN"),
        "uri" => lambda("is_uri"),
        "uuid" => matches(text, "_UUID"),
        "uuid3" => matches(text, "_UUID3"),
        "uuid4" => matches(text, "_UUID4"),
        "uuid5" => matches(text, "_UUID5"),
        _ => return None,
    })
}

/// Whether the text matches an expression: a constant, or one as KCL writes it.
pub fn matches(text: &Code, expression: &str) -> Code {
    Code::atom(format!("_regex_match({text}, {expression})"))
}

/// Whether it matches and has no more bytes than that.
pub fn short(text: &Code, constant: &str, bytes: i64) -> Code {
    let length = Code::new(Level::Comparison, format!("_len({text}) <= {bytes}"));
    Code::all([length, matches(text, constant)])
}

/// A call of a lambda of the helper file.
pub fn helper(name: &str, arguments: &[&Code]) -> Code {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    Code::atom(format!("_checks.{name}({})", arguments.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::CONSTANTS;

    #[test]
    fn every_expression_is_one_of_rusts() {
        for (name, expression) in CONSTANTS {
            assert!(regex::Regex::new(expression).is_ok(), "{name}");
        }
    }
}

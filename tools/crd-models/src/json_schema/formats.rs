//! How a format is said. To the API server (kube-openapi's `strfmt`) many formats
//! are wider than in JSON Schema: an IPv4 address may have leading zeros, a UUID
//! no dashes, a URI may be a path. Those become patterns. Formats that give a
//! value its type in CEL (byte, date, date-time, duration) stay, and those that
//! the server does not know say nothing.

/// A format in a JSON Schema.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    pub format: Option<&'static str>,
    pub pattern: Option<&'static str>,
}

const BYTE: &str = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$";
const DATE: &str = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";
const DATE_TIME: &str = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$";
const DURATION: &str = r"^0$|[0-9][\t\n\f\r ]*[A-Za-zµ]";
const IPV4: &str =
    r"^(0*(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}0*(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$";
const IPV6: &str = r"^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$";
const CIDR: &str = r"^[0-9A-Fa-f:.]+/(12[0-8]|1[01][0-9]|[0-9]?[0-9])$";
const MAC: &str = r"^([0-9A-Fa-f]{2}[:-]){5}([0-9A-Fa-f]{2}[:-]){0,14}[0-9A-Fa-f]{2}$|^([0-9A-Fa-f]{4}\.){2}([0-9A-Fa-f]{4}\.){0,7}[0-9A-Fa-f]{4}$";
const UUID: &str =
    r"^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}$";
const UUID3: &str =
    r"^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?3[0-9A-Fa-f]{3}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}$";
const UUID4: &str =
    r"^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?4[0-9A-Fa-f]{3}-?[89ABab][0-9A-Fa-f]{3}-?[0-9A-Fa-f]{12}$";
const UUID5: &str =
    r"^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?5[0-9A-Fa-f]{3}-?[89ABab][0-9A-Fa-f]{3}-?[0-9A-Fa-f]{12}$";

pub(super) fn said(format: &str) -> Said {
    let pattern = |pattern| Said {
        format: None,
        pattern: Some(pattern),
    };
    let typed = |format, pattern| Said {
        format: Some(format),
        pattern: Some(pattern),
    };
    match format.replace('-', "").as_str() {
        "byte" => typed("byte", BYTE),
        "date" => typed("date", DATE),
        "datetime" => typed("date-time", DATE_TIME),
        "duration" => typed("duration", DURATION),
        "int32" => Said {
            format: Some("int32"),
            pattern: None,
        },
        "int64" => Said {
            format: Some("int64"),
            pattern: None,
        },
        "password" => Said {
            format: Some("password"),
            pattern: None,
        },
        "bsonobjectid" => pattern("^[0-9A-Fa-f]{24}$"),
        "cidr" => pattern(CIDR),
        "email" => pattern("[^\t\n\r ]@[^\t\n\r ]"),
        "hexcolor" => pattern("^#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$"),
        "hostname" => pattern(
            r"^[^\t\n\r ./_-]([^./_]*[^\t\n\r ./_-])?(\.[^\t\n\r ./_-]([^./_]*[^\t\n\r ./_-])?)*$",
        ),
        "ipv4" => pattern(IPV4),
        "ipv6" => pattern(IPV6),
        "mac" => pattern(MAC),
        "ssn" => pattern(r"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$"),
        "uri" => pattern("^(/|[A-Za-z][-A-Za-z0-9+.]*:.)"),
        "uuid" => pattern(UUID),
        "uuid3" => pattern(UUID3),
        "uuid4" => pattern(UUID4),
        "uuid5" => pattern(UUID5),
        _ => Said::default(),
    }
}

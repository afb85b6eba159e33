use super::path::Path;
use serde_json::Value;
use std::fmt;

/// Why a field is refused; the words are those of `field.ErrorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A field that the schema does not know.
    Unknown,
    /// A field that must be there.
    Required,
    /// A value of the wrong type.
    Type,
    /// A value that breaks a constraint.
    Invalid,
    /// A value that is none of those listed.
    NotSupported,
    /// A string that is too long.
    TooLong,
    /// A list or map with too many entries.
    TooMany,
    /// An entry that must be unique and is not.
    Duplicate,
    /// A field that may not be set.
    Forbidden,
}

impl Reason {
    /// Whether the API server leaves out all CEL rules after such an error.
    pub(super) fn stops_rules(self) -> bool {
        matches!(
            self,
            Self::Required | Self::Type | Self::NotSupported | Self::TooLong | Self::TooMany
        )
    }
}

/// One error about one field, worded as the API server does:
/// `spec.size: Invalid value: "x": spec.size in body should match '^[0-9]+$'`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldError {
    /// The field; empty for the object itself.
    pub field: String,
    /// Why.
    pub reason: Reason,
    text: String,
}

impl FieldError {
    fn new(path: &Path, reason: Reason, text: String) -> Self {
        Self {
            field: path.to_string(),
            reason,
            text,
        }
    }

    pub(super) fn unknown(path: &Path, near: Option<&str>) -> Self {
        let hint = near
            .map(|near| format!("; did you mean {near:?}?"))
            .unwrap_or_default();
        let text = format!("strict decoding error: unknown field \"{path}\"{hint}");
        Self::new(path, Reason::Unknown, text)
    }

    pub(super) fn required(path: &Path, detail: &str) -> Self {
        let detail = if detail.is_empty() {
            String::new()
        } else {
            format!(": {detail}")
        };
        Self::new(path, Reason::Required, format!("Required value{detail}"))
    }

    pub(super) fn wrong_type(path: &Path, expected: &str, value: &Value) -> Self {
        let found = type_name(value);
        let body = in_body(path);
        let text =
            format!("Invalid value: \"{found}\": {body} must be of type {expected}: \"{found}\"");
        Self::new(path, Reason::Type, text)
    }

    /// `detail` in full.
    pub(super) fn invalid(path: &Path, value: &Value, detail: impl fmt::Display) -> Self {
        Self::new(
            path,
            Reason::Invalid,
            format!("Invalid value: {value}: {detail}"),
        )
    }

    /// `should` continues `spec.size in body …`.
    pub(super) fn in_body(path: &Path, value: &Value, should: impl fmt::Display) -> Self {
        Self::invalid(path, value, format!("{} {should}", in_body(path)))
    }

    pub(super) fn not_supported(path: &Path, value: &Value, supported: &[Value]) -> Self {
        let supported: Vec<String> = supported
            .iter()
            .map(|value| match value {
                Value::String(text) => format!("{text:?}"),
                other => format!("\"{other}\""),
            })
            .collect();
        let text = format!(
            "Unsupported value: {value}: supported values: {}",
            supported.join(", ")
        );
        Self::new(path, Reason::NotSupported, text)
    }

    pub(super) fn too_long(path: &Path, limit: i64) -> Self {
        Self::new(
            path,
            Reason::TooLong,
            format!("Too long: may not be more than {limit} bytes"),
        )
    }

    pub(super) fn too_many(path: &Path, count: usize, limit: i64) -> Self {
        let text = format!("Too many: {count}: must have at most {limit} items");
        Self::new(path, Reason::TooMany, text)
    }

    pub(super) fn duplicate(path: &Path, value: &Value) -> Self {
        Self::new(path, Reason::Duplicate, format!("Duplicate value: {value}"))
    }

    /// What a CEL rule says, under the reason that it states.
    pub(super) fn rule(path: &Path, reason: Option<&str>, kind: &str, message: &str) -> Self {
        match reason {
            Some("FieldValueRequired") => Self::required(path, message),
            Some("FieldValueForbidden") => {
                Self::new(path, Reason::Forbidden, format!("Forbidden: {message}"))
            }
            Some("FieldValueDuplicate") => Self::new(
                path,
                Reason::Duplicate,
                format!("Duplicate value: \"{kind}\""),
            ),
            _ => {
                let text = format!("Invalid value: \"{kind}\": {message}");
                Self::new(path, Reason::Invalid, text)
            }
        }
    }
}

/// `spec.size in body`; the object itself has no name.
fn in_body(path: &Path) -> String {
    if path.is_root() {
        "in body".to_owned()
    } else {
        format!("{path} in body")
    }
}

/// The JSON type as the messages name it.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.reason, self.field.as_str()) {
            (Reason::Unknown, _) => f.write_str(&self.text),
            (_, "") => write!(f, "<nil>: {}", self.text),
            (_, field) => write!(f, "{field}: {}", self.text),
        }
    }
}

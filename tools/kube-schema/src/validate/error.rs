use super::shown::{Shown, quoted};
use serde_json::Value;
use std::fmt;

const SKIPPED: &str = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/// Why a field is refused; the words are those of `field.ErrorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A field that the schema does not know.
    Unknown,
    /// A field that must be there.
    Required,
    /// A value of the wrong type.
    Type,
    /// Metadata that cannot be decoded at all.
    Undecodable,
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
    /// The server itself cannot go on.
    Internal,
}

impl Reason {
    /// As `field.ErrorType` spells it in the API server's answers. What strict
    /// decoding finds has no such type there: `UnknownField` and `DecodeError`
    /// are ours.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "UnknownField",
            Self::Required => "FieldValueRequired",
            Self::Type => "FieldValueTypeInvalid",
            Self::Undecodable => "DecodeError",
            Self::Invalid => "FieldValueInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::TooLong => "FieldValueTooLong",
            Self::TooMany => "FieldValueTooMany",
            Self::Duplicate => "FieldValueDuplicate",
            Self::Forbidden => "FieldValueForbidden",
            Self::Internal => "InternalError",
        }
    }

    /// Whether the API server leaves out all CEL rules after such an error.
    pub(super) fn stops_rules(self) -> bool {
        matches!(
            self,
            Self::Required
                | Self::Type
                | Self::Undecodable
                | Self::NotSupported
                | Self::TooLong
                | Self::TooMany
        )
    }
}

/// One error about one field, worded as the API server does:
/// `spec.size: Invalid value: "x": spec.size in body should match '^[0-9]+$'`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldError {
    /// The field; empty for the object itself, and where the server names none.
    pub field: String,
    /// Why.
    pub reason: Reason,
    text: String,
}

impl FieldError {
    fn new(path: &impl fmt::Display, reason: Reason, text: String) -> Self {
        Self {
            field: path.to_string(),
            reason,
            text,
        }
    }

    /// Of the schema's own checks.
    fn of_schema(path: &impl fmt::Display, reason: Reason, text: String) -> Self {
        Self {
            field: reported(&path.to_string()).to_owned(),
            reason,
            text,
        }
    }

    pub(super) fn unknown(path: &impl fmt::Display, near: Option<&str>) -> Self {
        let hint = near
            .map(|near| format!("; did you mean {near:?}?"))
            .unwrap_or_default();
        let text = format!("strict decoding error: unknown field \"{path}\"{hint}");
        Self::new(path, Reason::Unknown, text)
    }

    /// `found` is the type that the value has.
    pub(super) fn undecodable(path: &impl fmt::Display, expected: &str, found: &str) -> Self {
        let text = format!("cannot be decoded: must be of type {expected}, not {found}");
        Self::new(path, Reason::Undecodable, text)
    }

    pub(super) fn required(path: &impl fmt::Display, detail: &str) -> Self {
        let detail = if detail.is_empty() {
            String::new()
        } else {
            format!(": {detail}")
        };
        Self::new(path, Reason::Required, format!("Required value{detail}"))
    }

    /// A property that the schema requires.
    pub(super) fn missing(path: &impl fmt::Display) -> Self {
        Self::of_schema(path, Reason::Required, "Required value".to_owned())
    }

    /// A property that `additionalProperties: false` does not allow.
    pub(super) fn forbidden_property(path: &impl fmt::Display, name: &str) -> Self {
        let text = format!("{path}.{name} in body is a forbidden property");
        let text = format!("Invalid value: {}: {text}", quoted(name));
        Self::of_schema(path, Reason::Invalid, text)
    }

    /// `found` is the type that the value has.
    pub(super) fn wrong_type(path: &impl fmt::Display, expected: &str, found: &str) -> Self {
        let body = in_body(path);
        let text =
            format!("Invalid value: \"{found}\": {body} must be of type {expected}: \"{found}\"");
        Self::of_schema(path, Reason::Type, text)
    }

    /// A string without its format; a wrong type to the server.
    pub(super) fn wrong_format(path: &impl fmt::Display, text: &str, should: &str) -> Self {
        let text = format!(
            "Invalid value: {}: {} {should}",
            quoted(text),
            in_body(path)
        );
        Self::of_schema(path, Reason::Type, text)
    }

    /// An error of the schema's own checks that names no field.
    pub(super) fn nowhere(text: impl fmt::Display) -> Self {
        let text = format!("Invalid value: \"\": {text}");
        Self::new(&"", Reason::Invalid, text)
    }

    /// `detail` in full.
    pub(super) fn invalid(
        path: &impl fmt::Display,
        value: &Value,
        detail: impl fmt::Display,
    ) -> Self {
        Self::invalid_as(path, &Shown(value), detail)
    }

    /// With a value that is shown as it is.
    pub(super) fn invalid_as(
        path: &impl fmt::Display,
        shown: &impl fmt::Display,
        detail: impl fmt::Display,
    ) -> Self {
        let text = format!("Invalid value: {shown}: {detail}");
        Self::of_schema(path, Reason::Invalid, text)
    }

    /// `should` continues `spec.size in body …`.
    pub(super) fn in_body(
        path: &impl fmt::Display,
        value: &Value,
        should: impl fmt::Display,
    ) -> Self {
        Self::invalid(path, value, format!("{} {should}", in_body(path)))
    }

    pub(super) fn not_supported(
        path: &impl fmt::Display,
        value: &Value,
        supported: &[Value],
    ) -> Self {
        let supported: Vec<String> = supported
            .iter()
            .map(|value| match value {
                Value::String(text) => quoted(text),
                other => quoted(&Shown(other).to_string()),
            })
            .collect();
        let text = format!(
            "Unsupported value: {}: supported values: {}",
            Shown(value),
            supported.join(", ")
        );
        Self::of_schema(path, Reason::NotSupported, text)
    }

    pub(super) fn too_long(path: &impl fmt::Display, limit: i64) -> Self {
        let bytes = if limit == 1 { "byte" } else { "bytes" };
        let text = format!("Too long: may not be more than {limit} {bytes}");
        Self::of_schema(path, Reason::TooLong, text)
    }

    pub(super) fn too_many(path: &impl fmt::Display, count: usize, limit: i64) -> Self {
        let items = if limit == 1 { "item" } else { "items" };
        let text = format!("Too many: {count}: must have at most {limit} {items}");
        Self::of_schema(path, Reason::TooMany, text)
    }

    pub(super) fn duplicate(path: &impl fmt::Display, value: &Value) -> Self {
        Self::new(
            path,
            Reason::Duplicate,
            format!("Duplicate value: {}", Shown(value)),
        )
    }

    pub(super) fn internal(path: &impl fmt::Display, detail: &str) -> Self {
        Self::new(path, Reason::Internal, format!("Internal error: {detail}"))
    }

    /// The same error of a value that stands at this path.
    pub(super) fn below(self, path: &impl fmt::Display) -> Self {
        let field = match self.field.as_str() {
            "" => path.to_string(),
            field => format!("{path}.{field}"),
        };
        Self { field, ..self }
    }

    /// At this path if it names no field.
    pub(super) fn or_at(self, path: &impl fmt::Display) -> Self {
        match self.field.as_str() {
            "" => self.below(path),
            _ => self,
        }
    }

    /// What cannot be decoded, as an error of the field.
    pub(super) fn into_invalid(self) -> Self {
        Self {
            reason: Reason::Invalid,
            text: format!("Invalid value: {}", self.text),
            ..self
        }
    }

    pub(super) fn forbidden(path: &impl fmt::Display, detail: &str) -> Self {
        Self::new(path, Reason::Forbidden, format!("Forbidden: {detail}"))
    }

    /// What a broken CEL rule says, under the reason that it states. The value of
    /// an object or a list is left out.
    pub(super) fn rule(
        path: &impl fmt::Display,
        reason: Option<&str>,
        value: &Value,
        message: &str,
    ) -> Self {
        let shown = match value {
            Value::Array(_) | Value::Object(_) => String::new(),
            scalar => format!(": {}", Shown(scalar)),
        };
        match reason {
            Some("FieldValueRequired") => Self::required(path, message),
            Some("FieldValueForbidden") => Self::forbidden(path, message),
            Some("FieldValueDuplicate") => {
                Self::new(path, Reason::Duplicate, format!("Duplicate value{shown}"))
            }
            _ => {
                let text = format!("Invalid value{shown}: {message}");
                Self::new(path, Reason::Invalid, text)
            }
        }
    }

    /// Why a CEL rule could not be evaluated. `kind` is the type that the schema
    /// states.
    pub(super) fn rule_failed(path: &impl fmt::Display, kind: &str, message: &str) -> Self {
        let text = format!("Invalid value: \"{kind}\": {message}");
        Self::new(path, Reason::Invalid, text)
    }

    /// Of a field that the scale subresource names; `path` as it stands there.
    pub(super) fn scale(path: &str, value: &Value, detail: &str) -> Self {
        Self {
            field: path.to_owned(),
            reason: Reason::Invalid,
            text: format!("Invalid value: {}: {detail}", Shown(value)),
        }
    }

    /// Says that the rules were not looked at, for what else is wrong.
    pub(super) fn rules_skipped() -> Self {
        Self::new(
            &"",
            Reason::Invalid,
            format!("Invalid value: null: {SKIPPED}"),
        )
    }

    /// Whether this is no error of its own, but says that the rules were not
    /// looked at, for what else is wrong.
    pub fn is_rules_skipped(&self) -> bool {
        self.field.is_empty() && self.text.ends_with(SKIPPED)
    }

    /// Whether the resource could be decoded in spite of it: the API server says
    /// nothing else of one that cannot be.
    pub(super) fn is_decoded(&self) -> bool {
        self.reason != Reason::Undecodable
    }

    /// What is wrong, without the field.
    pub fn detail(&self) -> &str {
        &self.text
    }
}

/// The path as the schema's own checks report it: they take one leading dot for
/// their own (apiextensions-apiserver, `pkg/apiserver/validation`).
fn reported(path: &str) -> &str {
    path.strip_prefix('.').unwrap_or(path)
}

/// `spec.size in body`; the object itself has no name.
fn in_body(path: &impl fmt::Display) -> String {
    match path.to_string().as_str() {
        "" => "in body".to_owned(),
        path => format!("{path} in body"),
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

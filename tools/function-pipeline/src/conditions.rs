//! Status conditions as Crossplane keeps them (`apis/core/v2` ConditionedStatus).

use serde_json::{Value, json};

use crate::{
    go::Object,
    object::{nested, string},
};

/// The time of everything that happens now. The real programs show the clock to
/// functions and print this time.
pub const NOW: &str = "2024-01-01T00:00:00Z";

/// A condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) condition_type: String,
    pub(crate) status: String,
    /// None if the object has no such time.
    pub(crate) last_transition_time: Option<String>,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) observed_generation: i64,
}

impl Condition {
    /// A condition that changes now.
    pub(crate) fn new(condition_type: &str, status: &str, reason: &str) -> Self {
        Self {
            condition_type: condition_type.to_owned(),
            status: status.to_owned(),
            last_transition_time: Some(NOW.to_owned()),
            reason: reason.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn with_message(self, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..self
        }
    }

    /// The circuit breaker of watches, which is always closed here.
    pub(crate) fn responsive() -> Self {
        Self::new("Responsive", "True", "WatchCircuitClosed")
    }

    pub(crate) fn synced() -> Self {
        Self::new("Synced", "True", "ReconcileSuccess")
    }

    pub(crate) fn available() -> Self {
        Self::new("Ready", "True", "Available")
    }

    pub(crate) fn creating() -> Self {
        Self::new("Ready", "False", "Creating")
    }

    pub(crate) fn deleting() -> Self {
        Self::new("Ready", "False", "Deleting")
    }

    pub(crate) fn paused() -> Self {
        Self::new("Synced", "False", "ReconcilePaused")
    }

    /// Equality but for the time; a generation counts if both have one.
    fn equals(&self, other: &Self) -> bool {
        let same_generation = self.observed_generation == 0
            || other.observed_generation == 0
            || self.observed_generation == other.observed_generation;
        same_generation
            && self.condition_type == other.condition_type
            && self.status == other.status
            && self.reason == other.reason
            && self.message == other.message
    }

    /// Reads an entry; a field of the wrong type counts as empty.
    fn read(value: &Value) -> Self {
        let empty = Object::new();
        let entry = value.as_object().unwrap_or(&empty);
        let text = |key: &str| string(entry, &[key]).to_owned();
        Self {
            condition_type: text("type"),
            status: text("status"),
            last_transition_time: nested(entry, &["lastTransitionTime"])
                .and_then(Value::as_str)
                .map(str::to_owned),
            reason: text("reason"),
            message: text("message"),
            observed_generation: nested(entry, &["observedGeneration"])
                .and_then(Value::as_i64)
                .unwrap_or_default(),
        }
    }

    fn write(&self) -> Value {
        let mut entry = json!({
            "lastTransitionTime": self.last_transition_time,
            "reason": self.reason,
            "status": self.status,
            "type": self.condition_type,
        });
        if !self.message.is_empty() {
            entry["message"] = Value::from(self.message.as_str());
        }
        if self.observed_generation != 0 {
            entry["observedGeneration"] = Value::from(self.observed_generation);
        }
        entry
    }
}

/// Whether a type of condition is Crossplane's own. A function's condition of
/// such a type is dropped.
pub(crate) fn is_system(condition_type: &str) -> bool {
    matches!(
        condition_type,
        "Ready" | "Synced" | "Healthy" | "UpToDate" | "Responsive"
    )
}

/// The conditions of an object.
pub(crate) fn get(object: &Object) -> Vec<Condition> {
    nested(object, &["status", "conditions"])
        .and_then(Value::as_array)
        .map(|entries| entries.iter().map(Condition::read).collect())
        .unwrap_or_default()
}

/// Sets conditions: an equal one stays, one of the same type is replaced in
/// place, others come last. A status that is no object stays as it is.
pub(crate) fn set(object: &mut Object, conditions: impl IntoIterator<Item = Condition>) {
    let mut all = get(object);
    for condition in conditions {
        let mut exists = false;
        for other in &mut all {
            if other.condition_type == condition.condition_type {
                exists = true;
                if !other.equals(&condition) {
                    *other = condition.clone();
                }
            }
        }
        if !exists {
            all.push(condition);
        }
    }
    write(object, &all);
}

fn write(object: &mut Object, conditions: &[Condition]) {
    let status = object
        .entry("status")
        .or_insert_with(|| Value::Object(Object::new()));
    if let Value::Object(status) = status {
        let entries = conditions.iter().map(Condition::write).collect();
        status.insert("conditions".to_owned(), Value::Array(entries));
    }
}

/// Sets the times of all conditions of an object to [`NOW`], as the CLI does
/// before it prints: an object with a status gets `conditions`, null if there
/// are none; one whose status cannot be read stays as it is.
///
/// # Errors
/// If the status is null, which the CLI cannot print.
pub fn fix_times(object: &mut Object) -> Result<(), String> {
    let status = match object.get_mut("status") {
        Some(Value::Object(status)) => status,
        Some(Value::Null) => {
            return Err("cannot set condition timestamps: status is not an object".to_owned());
        }
        _ => return Ok(()),
    };
    match status.get("conditions") {
        None | Some(Value::Null) => {
            status.insert("conditions".to_owned(), Value::Null);
        }
        Some(Value::Array(entries)) if entries.iter().all(is_readable) => {
            let mut conditions = get(object);
            for condition in &mut conditions {
                condition.last_transition_time = Some(NOW.to_owned());
            }
            write(object, &conditions);
        }
        Some(_) => {}
    }
    Ok(())
}

/// Whether an entry has the types of a condition.
fn is_readable(entry: &Value) -> bool {
    let text = |key: &str| matches!(entry.get(key), None | Some(Value::Null | Value::String(_)));
    let generation = entry.get("observedGeneration");
    let time = entry.get("lastTransitionTime").and_then(Value::as_str);
    let texts = ["type", "status", "reason", "message", "lastTransitionTime"];
    (entry.is_object() || entry.is_null())
        && texts.into_iter().all(text)
        && time.is_none_or(is_time)
        && generation.is_none_or(|value| value.is_null() || value.is_i64())
}

/// Whether a text begins and ends as RFC 3339 asks.
fn is_time(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range)
            .is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    let signs = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    let rest = text.get(19..).unwrap_or_default();
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let is_zone = zone == "Z" || zone.len() == 6 && zone.starts_with(['+', '-']);
    [0..4, 5..7, 8..10, 11..13, 14..16, 17..19]
        .into_iter()
        .all(digits)
        && signs
            .iter()
            .all(|(at, sign)| text.get(*at..at + 1) == Some(sign))
        && is_zone
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn an_equal_condition_keeps_its_time() {
        let earlier = "2020-01-01T00:00:00Z";
        let entry = json!({
            "type": "Synced", "status": "True", "reason": "ReconcileSuccess",
            "lastTransitionTime": earlier,
        });
        let mut xr = object(json!({"status": {"conditions": [entry]}}));
        set(&mut xr, [Condition::synced(), Condition::available()]);
        let times: Vec<_> = get(&xr)
            .into_iter()
            .map(|condition| condition.last_transition_time)
            .collect();
        assert_eq!(times, [Some(earlier.to_owned()), Some(NOW.to_owned())]);
    }

    #[test]
    fn a_status_without_conditions_gets_null_for_them() {
        let fixed = |status: Value| {
            let mut bed = object(json!({"status": status}));
            fix_times(&mut bed).map(|()| bed["status"].take())
        };
        assert_eq!(
            fixed(json!({"a": 1})),
            Ok(json!({"a": 1, "conditions": null}))
        );
        assert_eq!(
            fixed(json!({"conditions": ["x"]})),
            Ok(json!({"conditions": ["x"]}))
        );
        assert_eq!(fixed(json!("x")), Ok(json!("x")));
        assert!(fixed(Value::Null).is_err());
    }

    #[test]
    fn only_conditions_that_can_be_read_get_a_time() {
        let condition = |time: &str| json!([{"type": "A", "lastTransitionTime": time}]);
        for (time, is_read) in [
            ("2020-01-01T00:00:00Z", true),
            ("2020-01-01T00:00:00.5+02:00", true),
            ("2020-01-01", false),
            ("yesterday", false),
        ] {
            let mut bed = object(json!({"status": {"conditions": condition(time)}}));
            assert_eq!(fix_times(&mut bed), Ok(()));
            let shown = &bed["status"]["conditions"][0]["lastTransitionTime"];
            assert_eq!(shown == NOW, is_read, "{time}");
        }
    }
}

//! Values of a configuration, as Go sees them: names without regard to case, the last of
//! several equal ones, and nothing, null and zero alike.

use serde_json::Value as Json;

/// A part of a configuration.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'c>(pub &'c Json);

impl<'c> Settings<'c> {
    /// The value at a path: `transport.tls.enable`.
    pub fn get(self, path: &str) -> Option<&'c Json> {
        let mut value = self.0;
        for name in path.split('.') {
            let fields = value.as_object()?.iter();
            // encoding/json matches names without regard to case, and the last one wins.
            let mut last_first = fields.rev();
            value = last_first
                .find(|(key, _)| key.eq_ignore_ascii_case(name))?
                .1;
        }
        (!value.is_null()).then_some(value)
    }

    /// A string, empty if there is none.
    pub fn text(self, path: &str) -> &'c str {
        self.get(path).and_then(Json::as_str).unwrap_or_default()
    }

    /// A string, or what FRP takes for an empty one.
    pub fn text_or(self, path: &str, default: &'c str) -> &'c str {
        Some(self.text(path))
            .filter(|text| !text.is_empty())
            .unwrap_or(default)
    }

    /// A number, or what FRP takes for zero.
    pub fn number_or(self, path: &str, default: i64) -> i64 {
        let number = self.get(path).and_then(Json::as_i64);
        number.filter(|number| *number != 0).unwrap_or(default)
    }

    /// A number, zero if there is none.
    pub fn number(self, path: &str) -> i64 {
        self.number_or(path, 0)
    }

    /// A flag, if there is one.
    pub fn flag(self, path: &str) -> Option<bool> {
        self.get(path).and_then(Json::as_bool)
    }

    /// The parts of a list.
    pub fn list(self, path: &str) -> impl Iterator<Item = Settings<'c>> {
        let items = self.get(path).and_then(Json::as_array);
        items.into_iter().flatten().map(Settings)
    }

    /// The strings of a list.
    pub fn texts(self, path: &str) -> Vec<&'c str> {
        self.list(path).filter_map(|item| item.0.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_seen_as_go_sees_them() {
        let values =
            json!({"Transport": {"TCPMUX": false, "protocol": ""}, "serverport": 0, "user": null});
        let settings = Settings(&values);
        assert_eq!(settings.flag("transport.tcpMux"), Some(false));
        assert_eq!(settings.text_or("transport.protocol", "tcp"), "tcp");
        assert_eq!(settings.number_or("serverPort", 7000), 7000);
        assert!(settings.get("user").is_none());
    }
}

//! A configuration file as FRP reads it (`LoadConfigure` in pkg/config/load.go): TOML if
//! it is TOML, else JSON if it begins with a brace, else YAML.

use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// A configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// What messages call it.
    pub name: String,
    /// The text.
    pub text: String,
    /// What the text is.
    pub format: Format,
    /// The values.
    pub values: Json,
    /// What FRP does with the text that its author may not expect.
    pub surprises: Vec<String>,
}

/// A language that FRP reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Format {
    Toml,
    Json,
    Yaml,
}

impl Format {
    /// The ending of a file in it.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Toml => "toml",
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }
}

/// Why a file is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is in none of the languages.
    #[error("{name} is neither TOML, JSON nor YAML: {reason}")]
    Malformed {
        /// The file.
        name: String,
        /// What the parser said.
        reason: String,
    },
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or is in none of the languages.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let name = path.file_name().unwrap_or_default();
        Self::parse(&name.to_string_lossy(), text)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// If it is in none of the languages.
    pub fn parse(name: &str, text: String) -> Result<Self, ConfigError> {
        let mut surprises = Vec::new();
        if text.contains("{{") {
            surprises.push(
                "FRP executes `{{` as a Go template before it reads the file; what stands there is not what it reads".to_owned(),
            );
        }
        let (format, values) = values(name, &text, &mut surprises)?;
        Ok(Self {
            name: name.to_owned(),
            text,
            format,
            values,
            surprises,
        })
    }

    /// Whether FRP sees other values than stand in the file.
    pub fn is_template(&self) -> bool {
        self.text.contains("{{")
    }
}

fn values(
    name: &str,
    text: &str,
    surprises: &mut Vec<String>,
) -> Result<(Format, Json), ConfigError> {
    let malformed = |reason: String| ConfigError::Malformed {
        name: name.to_owned(),
        reason,
    };
    let toml = toml::from_str::<toml::Table>(text);
    match toml {
        Ok(table) => return Ok((Format::Toml, of_toml(toml::Value::Table(table)))),
        Err(error) if name.ends_with(".toml") => return Err(malformed(error.to_string())),
        Err(_) => {}
    }
    if text.trim_start().starts_with('{') {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Json>();
        let first = values
            .next()
            .transpose()
            .map_err(|e| malformed(e.to_string()))?;
        if !text[values.byte_offset()..].trim().is_empty() {
            surprises
                .push("FRP reads the first JSON value and ignores the text after it".to_owned());
        }
        return Ok((Format::Json, first.unwrap_or_default()));
    }
    match serde_saphyr::from_str::<Json>(text) {
        Ok(mut values) => {
            // `parseYAMLWithDotFieldsHandling`: such keys only hold anchors.
            if let Json::Object(fields) = &mut values {
                fields.retain(|key, _| !key.starts_with('.'));
            }
            Ok((Format::Yaml, values))
        }
        Err(error) => Err(malformed(error.to_string())),
    }
}

/// As go-toml gives it to encoding/json: times become text.
fn of_toml(value: toml::Value) -> Json {
    match value {
        toml::Value::String(text) => Json::from(text),
        toml::Value::Integer(number) => Json::from(number),
        toml::Value::Float(number) => Json::from(number),
        toml::Value::Boolean(flag) => Json::from(flag),
        toml::Value::Datetime(time) => Json::from(time.to_string()),
        toml::Value::Array(items) => items.into_iter().map(of_toml).collect(),
        toml::Value::Table(fields) => {
            let fields = fields.into_iter().map(|(key, value)| (key, of_toml(value)));
            Json::Object(fields.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn config(text: &str) -> Config {
        Config::parse("frpc", text.to_owned()).unwrap()
    }

    #[test]
    fn each_language_gives_the_same_values() {
        let values = json!({"serverPort": 7000, "proxies": [{"name": "ssh", "type": "tcp"}]});
        for (text, format) in [
            (
                "serverPort = 7000\n[[proxies]]\nname = \"ssh\"\ntype = \"tcp\"\n",
                Format::Toml,
            ),
            (
                "{\"serverPort\": 7000, \"proxies\": [{\"name\": \"ssh\", \"type\": \"tcp\"}]}",
                Format::Json,
            ),
            (
                ".a: &p {name: ssh, type: tcp}\nserverPort: 7000\nproxies: [*p]\n",
                Format::Yaml,
            ),
        ] {
            let config = config(text);
            assert_eq!(
                (config.format, config.values),
                (format, values.clone()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_frp_does_unasked_is_named() {
        assert_eq!(config("user: '{{ .Envs.USER }}'\n").surprises.len(), 1);
        assert_eq!(config("{\"user\": \"a\"} trailing").surprises.len(), 1);
        assert_eq!(
            config("{\"user\": \"a\"}\n").surprises,
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_file_in_no_language_is_refused() {
        let refused = |name: &str, text: &str| {
            Config::parse(name, text.to_owned())
                .unwrap_err()
                .to_string()
        };
        assert!(refused("frpc.toml", "a: b\n").starts_with("frpc.toml is neither TOML"));
        assert!(refused("frpc.json", "{\"a\": }").starts_with("frpc.json is neither"));
        assert!(refused("frpc.yaml", "a: [b\n").starts_with("frpc.yaml is neither"));
    }
}

//! KCL setting files, which a step's `config.settings` names.
//!
//! function-kcl reads them in its own file system. Here each is declared, as a
//! program that is elsewhere; what it says joins what the step's `config` says.
//! Source: `render.go` of function-kcl, `pkg/settings` and `Option.Merge` of kcl-go.

use std::path::Path;

use function_pipeline::go;
use kcl_engine::{Argument, Program};
use resource_graph::yaml::{self, Node};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A setting file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    #[serde(rename = "kcl_cli_configs")]
    config: Config,
    #[serde(rename = "kcl_options")]
    options: Vec<KeyValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Config {
    file: Vec<String>,
    files: Vec<String>,
    overrides: Vec<String>,
    path_selector: Vec<String>,
    strict_range_check: bool,
    disable_none: bool,
    package_maps: Map<String, Value>,
    sort_keys: bool,
    show_hidden: bool,
    include_schema_type_path: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KeyValue {
    key: String,
    value: Value,
}

impl Settings {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// If it is none, or says what cannot be done for a step; the text says what.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let nodes = yaml::parse(text)
            .map_err(|error| format!("line {}: {}", error.at.line, error.message))?;
        let value = nodes.first().map_or(Value::Null, Node::to_json);
        let settings: Option<Self> =
            serde_json::from_value(without_nulls(value)).map_err(|error| error.to_string())?;
        let settings = settings.unwrap_or_default();
        settings.check().map(|()| settings)
    }

    fn check(&self) -> Result<(), String> {
        let config = &self.config;
        let refused = [
            (
                "file",
                !config.file.is_empty() || !config.files.is_empty(),
                "a step has the program that its `source` says",
            ),
            (
                "package_maps",
                !config.package_maps.is_empty(),
                "nothing undeclared is read; pass --package NAME=DIR for each",
            ),
            (
                "include_schema_type_path",
                config.include_schema_type_path,
                "resources have no such field",
            ),
        ];
        let refused = refused.into_iter().find(|(_, is_set, _)| *is_set);
        refused.map_or(Ok(()), |(name, _, why)| {
            Err(format!("kcl_cli_configs.{name} cannot be honoured: {why}"))
        })
    }

    /// Adds to a program what the file says. Its options come after those that
    /// there are, and the last one of a name counts.
    pub(crate) fn apply(&self, program: &mut Program) {
        let config = &self.config;
        let argument = |option: &KeyValue| Argument {
            name: option.key.clone(),
            value: text_of(&option.value, config.sort_keys),
        };
        program.arguments.extend(self.options.iter().map(argument));
        // The step's own come last.
        program.overrides.splice(..0, config.overrides.clone());
        program
            .path_selector
            .splice(..0, config.path_selector.clone());
        program.strict_range_check |= config.strict_range_check;
        program.disable_none |= config.disable_none;
        program.sort_keys |= config.sort_keys;
        program.show_hidden |= config.show_hidden;
    }
}

/// A null leaves a field as it is, except an option's value.
fn without_nulls(mut value: Value) -> Value {
    let Value::Object(file) = &mut value else {
        return value;
    };
    file.retain(|_, value| !value.is_null());
    if let Some(Value::Object(config)) = file.get_mut("kcl_cli_configs") {
        config.retain(|_, value| !value.is_null());
    }
    value
}

/// A value as `option()` gets it: kcl-go keeps the order of a map alone.
fn text_of(value: &Value, sort_keys: bool) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        Value::Object(_) if !sort_keys => value.to_string(),
        other => go::to_json(other),
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn a_file_joins_what_the_step_says() {
        let text = "kcl_cli_configs:\n  overrides: [a=1]\n  disable_none: true\n  verbose: 1\n  file:\n\
                    kcl_options:\n- {key: size, value: {b: 1, a: [true, null]}}\n\
                    - {key: name, value: \"12\"}\n- {key: list, value: [{b: 1, a: 2}]}\n- {key: none}\n";
        let mut program = Program {
            overrides: vec!["b=2".to_owned()],
            sort_keys: true,
            ..Program::default()
        };
        Settings::parse(text).unwrap().apply(&mut program);
        let arguments = program.arguments.iter();
        let arguments: Vec<_> = arguments
            .map(|argument| (argument.name.as_str(), argument.value.as_str()))
            .collect();
        assert_eq!(
            arguments,
            [
                ("size", r#"{"b":1,"a":[true,null]}"#),
                ("name", "12"),
                ("list", r#"[{"a":2,"b":1}]"#),
                ("none", "<nil>"),
            ]
        );
        assert_eq!(program.overrides, ["a=1", "b=2"]);
        assert!(program.disable_none && program.sort_keys && !program.show_hidden);
    }

    #[test]
    fn what_a_step_cannot_have_is_refused() {
        for (text, wanted) in [
            ("kcl_cli_configs: {files: [a.k]}", "kcl_cli_configs.file"),
            (
                "kcl_cli_configs: {package_maps: {k8s: ../k8s}}",
                "--package",
            ),
            (
                "kcl_cli_configs: {include_schema_type_path: true}",
                "no such",
            ),
            ("kcl_options: 1", "invalid type"),
            ("a: [", "line "),
        ] {
            let error = Settings::parse(text).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
        assert!(Settings::parse("").is_ok());
    }
}

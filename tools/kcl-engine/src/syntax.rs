//! What the top level of a KCL file defines.

use serde_json::Value;

/// A top-level variable of a file, also inside an `if`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The variable's name.
    pub name: String,
    /// Line of the name, from 1.
    pub line: u64,
    /// Whether the value is a lambda.
    pub is_lambda: bool,
}

/// The variables that a syntax tree of `ParseFile` defines, in source order.
pub(crate) fn definitions(syntax_json: &str) -> Result<Vec<Definition>, serde_json::Error> {
    let module: Value = serde_json::from_str(syntax_json)?;
    let mut found = Vec::new();
    in_block(&module["body"], &mut found);
    Ok(found)
}

fn in_block(statements: &Value, found: &mut Vec<Definition>) {
    for statement in list(statements) {
        let node = &statement["node"];
        match node["type"].as_str() {
            Some("Assign") => found.extend(list(&node["targets"]).iter().filter_map(|target| {
                let is_lambda = node["value"]["node"]["type"] == "Lambda";
                definition(&target["node"]["name"], is_lambda)
            })),
            Some("Unification") => {
                found.extend(definition(&node["target"]["node"]["names"][0], false));
            }
            Some("If") => {
                in_block(&node["body"], found);
                in_block(&node["orelse"], found);
            }
            _ => {}
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn definition(name: &Value, is_lambda: bool) -> Option<Definition> {
    Some(Definition {
        name: name["node"].as_str()?.to_owned(),
        line: name["line"].as_u64()?,
        is_lambda,
    })
}

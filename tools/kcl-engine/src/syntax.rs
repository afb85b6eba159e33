//! What the top level of a KCL file defines.

use serde_json::Value;

/// A top-level assignment of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The variable's name.
    pub name: String,
    /// Line of the name, from 1.
    pub line: u64,
    /// Whether the value is a lambda.
    pub is_lambda: bool,
}

/// The assignments in a syntax tree as `ParseFile` gives it, in source order.
pub(crate) fn definitions(syntax_json: &str) -> Result<Vec<Definition>, serde_json::Error> {
    let module: Value = serde_json::from_str(syntax_json)?;
    let body = module["body"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    Ok(body
        .iter()
        .filter(|statement| statement["node"]["type"] == "Assign")
        .flat_map(assigned)
        .collect())
}

fn assigned(statement: &Value) -> Vec<Definition> {
    let assign = &statement["node"];
    let is_lambda = assign["value"]["node"]["type"] == "Lambda";
    let targets = assign["targets"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    targets
        .iter()
        .filter_map(|target| {
            let name = target["node"]["name"]["node"].as_str()?.to_owned();
            let line = target["line"].as_u64()?;
            Some(Definition {
                name,
                line,
                is_lambda,
            })
        })
        .collect()
}

//! Bounds and factors. The API server keeps them as 64-bit floats, and holds a
//! whole number against them without their fraction (kube-openapi,
//! `pkg/validation/validate/values.go`): under `minimum: 0.5` a 0 is fine.

use kube_schema::{Number, Schema};
use serde_json::{Map, Value as Json, json};

/// Beyond it a float with no fraction need not be the number that was written.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Adds what one keyword can say; gives the schemas that say the rest.
pub(super) fn bounds(out: &mut Map<String, Json>, schema: &Schema) -> Vec<Json> {
    let mut said = Vec::new();
    if let Some(least) = schema.minimum.map(Number::as_f64) {
        let is_looser = least.trunc() < least;
        said.push(bound("minimum", least, schema.exclusive_minimum, is_looser));
    }
    if let Some(most) = schema.maximum.map(Number::as_f64) {
        let is_looser = most.trunc() > most;
        said.push(bound("maximum", most, schema.exclusive_maximum, is_looser));
    }
    let factor = schema.multiple_of.map(Number::as_f64);
    said.extend(factor.and_then(multiple_of));
    said.into_iter()
        .filter_map(|said| place(out, said))
        .collect()
}

/// A keyword beside the others if it is free there, else a schema of its own.
fn place(out: &mut Map<String, Json>, said: Map<String, Json>) -> Option<Json> {
    if said.len() > 1 || said.contains_key("anyOf") {
        return Some(Json::Object(said));
    }
    out.extend(said);
    None
}

/// A bound, and apart from it the bound itself if that is out. No number stands
/// for `exclusiveMinimum`, which is a boolean to Kubernetes.
fn bound(keyword: &str, value: f64, exclusive: bool, whole_is_looser: bool) -> Map<String, Json> {
    let said = |value: f64| {
        let mut said = Map::new();
        said.insert(keyword.to_owned(), number(value));
        if exclusive {
            said.insert("not".to_owned(), json!({"enum": [number(value)]}));
        }
        said
    };
    if !whole_is_looser {
        return said(value);
    }
    let mut whole = said(value.trunc());
    whole.insert("type".to_owned(), json!("integer"));
    either(said(value), whole)
}

/// A factor; that one below 1 refuses every whole number is left unsaid.
fn multiple_of(factor: f64) -> Option<Map<String, Json>> {
    let said = |factor: f64| {
        let mut said = Map::new();
        said.insert("multipleOf".to_owned(), number(factor));
        said
    };
    if factor <= 0.0 {
        return None;
    }
    if factor.fract() == 0.0 || factor < 1.0 {
        return Some(said(factor));
    }
    let mut whole = said(factor.trunc());
    whole.insert("type".to_owned(), json!("integer"));
    Some(either(said(factor), whole))
}

fn either(a: Map<String, Json>, b: Map<String, Json>) -> Map<String, Json> {
    let mut said = Map::new();
    said.insert("anyOf".to_owned(), json!([a, b]));
    said
}

fn number(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() <= EXACT {
        json!(value as i64)
    } else {
        json!(value)
    }
}

//! Compares two YAML streams as `crossplane composition render` prints them:
//! objects by identity and field by field, their order, results, the context.
//!
//! Random in the real tool, and so not compared: the times of conditions, the
//! last letters of a name that no owner's uid could be the source of, the number
//! that stands for an unready resource without a name, the order of "not yet ready" results and of "namespace overridden" ones among
//! themselves.

use resource_graph::yaml;
use serde_json::{Map, Value};

const RENDER: &str = "render.crossplane.io/v1beta1";

/// The first difference between what is wanted and what came, if there is one.
pub fn compare(want: &str, got: &str) -> Option<String> {
    let [want, got] = match [read(want), read(got)] {
        [Ok(want), Ok(got)] => [want, got],
        [Err(error), _] => return Some(format!("what is wanted is no YAML: {error}")),
        [_, Err(error)] => return Some(format!("what came is no YAML: {error}")),
    };
    objects(&want, &got)
        .or_else(|| results(&want, &got))
        .or_else(|| {
            let [want, got] = [&want, &got].map(|documents| of_kind(documents, "Context"));
            difference("context", &Value::Array(want), &Value::Array(got))
        })
}

fn read(text: &str) -> Result<Vec<Value>, String> {
    let documents =
        yaml::parse(text).map_err(|error| format!("line {}: {}", error.at.line, error.message))?;
    let mut documents: Vec<Value> = documents
        .iter()
        .map(|document| document.to_json())
        .collect();
    let drawn: Vec<String> = documents.iter().filter_map(drawn_name).collect();
    for document in &mut documents {
        fix_times(document);
        hide(document, &drawn);
    }
    Ok(documents)
}

/// `Unready resources: 7, bed, and fence`: 7 is a place in a random order.
fn hide_numbers(message: &mut String) {
    if let Some(names) = message.strip_prefix("Unready resources: ") {
        let names = names.split(", ").map(|name| match name.parse::<u32>() {
            Ok(_) => "#",
            Err(_) => name,
        });
        *message = format!(
            "Unready resources: {}",
            names.collect::<Vec<_>>().join(", ")
        );
    }
}

/// A name whose last five letters the API server's generator drew
/// (`k8s.io/apiserver/pkg/storage/names`); core's own end in twelve.
fn drawn_name(document: &Value) -> Option<String> {
    const LETTERS: &str = "bcdfghjklmnpqrstvwxz2456789";
    let prefix = document.pointer("/metadata/generateName")?.as_str()?;
    let name = document.pointer("/metadata/name")?.as_str()?;
    let drawn = name.strip_prefix(prefix.get(..58).unwrap_or(prefix))?;
    let is_drawn = drawn.len() == 5 && drawn.chars().all(|letter| LETTERS.contains(letter));
    is_drawn.then(|| name.to_owned())
}

fn hide(value: &mut Value, drawn: &[String]) {
    match value {
        Value::String(text) if drawn.contains(text) => {
            text.replace_range(text.len() - 5.., "?????")
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, drawn)),
        Value::Object(fields) => fields.values_mut().for_each(|field| hide(field, drawn)),
        _ => {}
    }
}

fn fix_times(document: &mut Value) {
    let conditions = document.pointer_mut("/status/conditions");
    for condition in conditions
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(time) = condition.get_mut("lastTransitionTime") {
            *time = Value::from("(time)");
        }
        if let Some(Value::String(message)) = condition.get_mut("message") {
            hide_numbers(message);
        }
    }
}

fn is_ours(document: &Value) -> bool {
    document["apiVersion"] == RENDER
        && matches!(document["kind"].as_str(), Some("Result" | "Context"))
}

fn of_kind(documents: &[Value], kind: &str) -> Vec<Value> {
    let of_kind = documents
        .iter()
        .filter(|document| document["apiVersion"] == RENDER && document["kind"] == kind);
    of_kind.cloned().collect()
}

/// apiVersion, kind, namespace and name.
type Identity = [String; 4];

fn identity(document: &Value) -> Identity {
    [
        "/apiVersion",
        "/kind",
        "/metadata/namespace",
        "/metadata/name",
    ]
    .map(|pointer| {
        let value = document.pointer(pointer).unwrap_or(&Value::Null);
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    })
}

fn shown(identity: &Identity) -> String {
    let [api_version, kind, namespace, name] = identity;
    format!("{kind} {namespace}/{name} ({api_version})")
}

fn objects(want: &[Value], got: &[Value]) -> Option<String> {
    let objects = |documents: &[Value]| -> Vec<(Identity, Value)> {
        let others = documents.iter().filter(|document| !is_ours(document));
        others
            .map(|document| (identity(document), document.clone()))
            .collect()
    };
    let (want, got) = (objects(want), objects(got));
    let names = |objects: &[(Identity, Value)]| -> Vec<Identity> {
        objects
            .iter()
            .map(|(identity, _)| identity.clone())
            .collect()
    };
    let (wanted, came) = (names(&want), names(&got));
    if let Some(missing) = wanted.iter().find(|identity| !came.contains(identity)) {
        return Some(format!("missing {}", shown(missing)));
    }
    if let Some(surplus) = came.iter().find(|identity| !wanted.contains(identity)) {
        return Some(format!("unexpected {}", shown(surplus)));
    }
    for (identity, object) in &want {
        let same = got.iter().find(|(other, _)| other == identity);
        let found = same.and_then(|(_, other)| difference("", object, other));
        if let Some(found) = found {
            return Some(format!("{}{found}", shown(identity)));
        }
    }
    let at = wanted.iter().zip(&came).position(|(want, got)| want != got);
    match at {
        Some(at) => Some(format!(
            "order: document {at}: want {}, got {}",
            shown(&wanted[at]),
            shown(&came[at])
        )),
        None if wanted.len() != came.len() => {
            Some(format!("want {} objects, got {}", wanted.len(), came.len()))
        }
        None => None,
    }
}

fn results(want: &[Value], got: &[Value]) -> Option<String> {
    let [want, got] = [want, got].map(|documents| ordered(of_kind(documents, "Result")));
    difference("results", &Value::Array(want), &Value::Array(got))
}

/// Results whose order is random, sorted among neighbours of their sort.
fn ordered(mut results: Vec<Value>) -> Vec<Value> {
    results.iter_mut().for_each(hide_number);
    let mut start = 0;
    while start < results.len() {
        let group = random_group(&results[start]);
        let length = results[start..]
            .iter()
            .take_while(|result| group.is_some() && random_group(result) == group)
            .count()
            .max(1);
        results[start..start + length].sort_by_key(message);
        start += length;
    }
    results
}

fn message(result: &Value) -> String {
    result["message"].as_str().unwrap_or_default().to_owned()
}

/// `Composed resource "7" is not yet ready`: as in [`hide_numbers`].
fn hide_number(result: &mut Value) {
    let message = message(result);
    let rest = message.strip_prefix("Composed resource \"");
    if let Some((name, rest)) = rest.and_then(|rest| rest.split_once('"'))
        && name.parse::<u32>().is_ok()
        && rest.starts_with(" is not yet ")
    {
        result["message"] = Value::from(format!("Composed resource \"#\"{rest}"));
    }
}

fn random_group(result: &Value) -> Option<u8> {
    let message = message(result);
    let is_unready = message.starts_with("Composed resource \"")
        && (message.ends_with(" is not yet ready") || message.ends_with(" is not yet valid"));
    if is_unready {
        Some(0)
    } else if message.starts_with("cannot create composed resource \"") {
        Some(1)
    } else {
        None
    }
}

/// The first difference between two values. 1 and 1.0 differ, so do null and
/// what is not there.
fn difference(path: &str, want: &Value, got: &Value) -> Option<String> {
    match (want, got) {
        (Value::Object(want), Value::Object(got)) => in_maps(path, want, got),
        (Value::Array(want), Value::Array(got)) => {
            let pairs = want.iter().zip(got).enumerate();
            let mut found = pairs.map(|(i, (a, b))| difference(&format!("{path}[{i}]"), a, b));
            found.find_map(|found| found).or_else(|| {
                (want.len() != got.len())
                    .then(|| format!("{path}: want {} entries, got {}", want.len(), got.len()))
            })
        }
        _ if want == got => None,
        _ => Some(format!("{path}: want {want}, got {got}")),
    }
}

fn in_maps(path: &str, want: &Map<String, Value>, got: &Map<String, Value>) -> Option<String> {
    let missing = want.iter().find(|(key, _)| !got.contains_key(*key));
    if let Some((key, value)) = missing {
        return Some(format!("{path}.{key}: missing, want {value}"));
    }
    let surplus = got.iter().find(|(key, _)| !want.contains_key(*key));
    if let Some((key, value)) = surplus {
        return Some(format!("{path}.{key}: unexpected {value}"));
    }
    want.iter()
        .find_map(|(key, value)| difference(&format!("{path}.{key}"), value, &got[key]))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn object(name: &str, rest: &str) -> String {
        format!("---\napiVersion: v1\nkind: A\nmetadata: {{name: {name}}}\n{rest}\n")
    }

    fn result(message: &str) -> String {
        format!("---\napiVersion: {RENDER}\nkind: Result\nmessage: '{message}'\n")
    }

    #[test]
    fn each_difference_is_found_and_named() {
        let cases = [
            (object("a", ""), String::new(), "missing A null/a (v1)"),
            (String::new(), object("a", ""), "unexpected A null/a (v1)"),
            (
                object("a", "b: 1"),
                object("a", "b: 1.5"),
                "A null/a (v1).b: want 1, got 1.5",
            ),
            (
                object("a", "b: null"),
                object("a", ""),
                "A null/a (v1).b: missing, want null",
            ),
            (
                object("a", "b: [1]"),
                object("a", "b: [1, 2]"),
                "A null/a (v1).b: want 1 entries, got 2",
            ),
            (
                object("a", "") + &object("b", ""),
                object("b", "") + &object("a", ""),
                "order: document 0: want A null/a (v1), got A null/b (v1)",
            ),
            (
                result("x") + &result("y"),
                result("y") + &result("x"),
                "results[0].message: want \"x\", got \"y\"",
            ),
        ];
        for (want, got, expected) in cases {
            assert_eq!(compare(&want, &got).as_deref(), Some(expected));
        }
    }

    #[test]
    fn drawn_letters_of_a_name_are_not_compared() {
        let stream = |letters: &str| {
            format!(
                "kind: XR\nspec: {{ref: pear-{letters}}}\n---\nkind: Bed\nmetadata: {{generateName: \
                 pear-, name: pear-{letters}}}\n"
            )
        };
        assert_eq!(compare(&stream("bcdfg"), &stream("zx245")), None);
        assert!(compare(&stream("bcdfg"), &stream("aaaaa")).is_some());
    }

    #[test]
    fn what_is_random_is_not_compared() {
        let unready =
            |name: &str| result(&format!("Composed resource \"{name}\" is not yet ready"));
        let want = unready("a") + &unready("b") + &result("x");
        let got = unready("b") + &unready("a") + &result("x");
        assert_eq!(compare(&want, &got), None);
        assert_eq!(compare(&unready("3"), &unready("7")), None);
        assert!(compare(&unready("3"), &unready("c")).is_some());
        let at = |time: &str| {
            object(
                "a",
                &format!("status: {{conditions: [{{lastTransitionTime: {time}}}]}}"),
            )
        };
        assert_eq!(compare(&at("x"), &at("y")), None);
    }
}

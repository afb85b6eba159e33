//! What rules may cost by the API server's estimate: `fixtures/estimates.txt` is what
//! its own code (apiextensions-apiserver v0.37.2) said of each expression in
//! `fixtures/estimates.yaml`, by `apiserver-judge --check-crds --estimates`.
#![allow(clippy::unwrap_used)]

mod support;

use kube_schema::validate::{check_definition, rule_estimates};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::definition;

/// The costs of the rules of a spec.
fn costs(spec: Value) -> Vec<u64> {
    let estimates = rule_estimates(&definition(spec));
    estimates.iter().map(|estimate| estimate.cost).collect()
}

#[test]
fn every_expression_costs_what_the_server_estimates() {
    let text = std::fs::read_to_string("tests/fixtures/estimates.yaml").unwrap();
    let given: Value = serde_saphyr::from_str(&text).unwrap();
    let estimates = rule_estimates(&given).into_iter();
    let ours: BTreeMap<String, u64> = estimates.map(|one| (one.field, one.cost)).collect();
    let lines = std::fs::read_to_string("tests/fixtures/estimates.txt").unwrap();
    let theirs: BTreeMap<String, u64> = lines
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(cost, field)| (field.to_owned(), cost.parse().unwrap()))
        .collect();
    assert!(theirs.len() > 200, "{}", theirs.len());
    assert_eq!(ours, theirs);
}

#[test]
fn what_exceeds_a_limit_is_said_in_the_servers_words() {
    let few =
        json!({"type": "array", "maxItems": 600, "items": {"type": "string", "maxLength": 10000}});
    let spec = json!({
        "type": "object",
        "properties": {"list": {"type": "array", "items": {"type": "string"}}, "few": few},
        "x-kubernetes-validations": [
            {"rule": "self.list.all(x, x.contains('abc'))"},
            {"rule": "self.few.all(x, x.matches('^[a-z]+$'))"},
            {
                "rule": "self.few.all(x, x.matches('^[a-z]{5}[0-9]{5}$'))",
                "messageExpression": "self.list.join(',')",
            },
            {"rule": "self.few.size() > 1"},
        ],
    });
    let at = "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations";
    let advice = "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
    let shared = "Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
    let expected = [
        format!(
            "spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x {advice}"
        ),
        format!("{at}[0].rule: {shared}"),
        format!(
            "{at}[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x {advice}"
        ),
        format!("{at}[1].rule: {shared}"),
        format!("{at}[2].messageExpression: {shared}"),
        format!(
            "{at}[2].messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x {advice}"
        ),
        format!("{at}[2].rule: {shared}"),
        format!(
            "{at}[2].rule: Forbidden: estimated rule cost exceeds budget by factor of 1.200540x {advice}"
        ),
    ];
    let found = check_definition(&definition(spec)).into_iter();
    assert_eq!(
        found.map(|error| error.to_string()).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn an_expression_at_the_limit_is_taken_and_one_step_beyond_it_is_not() {
    // The bounds are the server's own, see judges/apiserver/costs.py.
    for (rule, largest) in [
        ("self.list.all(x, self.list.all(y, x == y))", 876),
        ("self.list.sort()[0] == 'a'", 2182),
        ("self.list.exists(x, x.matches('^a+$'))", 714_285),
        (
            "self.list.map(x, x + '-').exists(y, y.endsWith('-'))",
            357_142,
        ),
    ] {
        let errors = |most: i64| {
            let text = json!({"type": "string", "maxLength": 20});
            let list = json!({"type": "array", "maxItems": most, "items": text});
            let spec = json!({"type": "object", "properties": {"list": list}, "x-kubernetes-validations": [{"rule": rule}]});
            check_definition(&definition(spec)).len()
        };
        assert_eq!((errors(largest), errors(largest + 1)), (0, 1), "{rule}");
    }
}

#[test]
fn a_rule_counts_for_every_value_that_a_resource_may_hold() {
    let rules = json!([{"rule": "self == 'a'"}]);
    let text = json!({"type": "string", "maxLength": 10, "x-kubernetes-validations": rules});
    let list = |items: &Value| json!({"type": "array", "maxItems": 50, "items": items});
    let map = |values: &Value| json!({"type": "object", "maxProperties": 3, "additionalProperties": values});
    let open = json!({"type": "array", "items": text});
    assert_eq!(costs(text.clone()), [2]);
    assert_eq!(costs(list(&text)), [100]);
    assert_eq!(costs(map(&list(&text))), [300]);
    // As many as fit into a request: three bytes each, with a comma.
    assert_eq!(costs(open.clone()), [2 * (3 << 20) / 3]);
    assert_eq!(costs(list(&open)), costs(open), "one bound is none");
}

#[test]
fn a_neighbours_size_counts_where_the_server_mixes_paths_up() {
    let leaf = json!({
        "a": {"type": "array", "maxItems": 7, "items": {"type": "string", "maxLength": 3}},
        "b": {"type": "string", "maxLength": 1000},
    });
    let list = |most: i64, properties: Value| {
        let items = json!({"type": "object", "properties": properties});
        json!({"type": "array", "maxItems": most, "items": items})
    };
    let a = json!({"type": "object", "properties": {"b": list(5, json!({"foo": list(3, leaf)}))}});
    let rule =
        |body: &str| json!({"rule": format!("self.a.b.all(x, x.foo.all(y, y.a.all(z, {body})))")});
    let spec = json!({
        "type": "object", "properties": {"a": a},
        "x-kubernetes-validations": [rule("z == 'a'"), rule("z == y.b")],
    });
    assert_eq!(costs(spec), [649, 480_124]);
}

#[test]
fn a_chain_that_doubles_with_each_link_ends() {
    let links: String = (0..60).map(|i| format!(".optMap(x{i}, x{i})")).collect();
    let rule = json!({"rule": format!("self.?a{links}.hasValue()")});
    let properties = json!({"a": {"type": "integer"}});
    let spec =
        json!({"type": "object", "properties": properties, "x-kubernetes-validations": [rule]});
    assert_eq!(costs(spec), [u64::MAX]);
}

//! What is said of CRDs themselves.
#![allow(clippy::unwrap_used)]

mod support;

use kube_schema::validate::{as_written, check_definition};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use support::definition;

/// Type and field of each error.
fn errors(definition: &Value) -> Vec<(&'static str, String)> {
    check_definition(definition)
        .into_iter()
        .map(|error| (error.reason.as_str(), error.field))
        .collect()
}

fn of_spec(schema: Value) -> Vec<(&'static str, String)> {
    let place = "spec.validation.openAPIV3Schema.properties[spec]";
    errors(&definition(schema))
        .into_iter()
        .map(|(reason, field)| {
            (
                reason,
                field.strip_prefix(place).unwrap_or(&field).to_owned(),
            )
        })
        .collect()
}

#[test]
fn a_definition_that_the_server_takes_has_no_errors() {
    let schema = json!({
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {"type": "integer", "minimum": 1, "default": 3},
            "port": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            "list": {
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
            },
        },
        "x-kubernetes-validations": [{"rule": "self.size < 10 && self.size >= oldSelf.size", "messageExpression": "'size %d'.format([self.size])"}],
    });
    assert_eq!(of_spec(schema), []);
}

#[test]
fn schemas_must_be_structural() {
    for (schema, expected) in [
        (json!({}), vec![("FieldValueRequired", ".type")]),
        (
            json!({"type": "array"}),
            vec![("FieldValueRequired", ".items")],
        ),
        (
            json!({"type": "object", "anyOf": [{"type": "string", "properties": {"a": {}}}]}),
            // That it must be declared is only asked at the root.
            vec![("FieldValueForbidden", ".anyOf[0].type")],
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}}),
            vec![("FieldValueForbidden", ".additionalProperties")],
        ),
        (
            json!({"type": "string", "uniqueItems": true, "pattern": "("}),
            vec![
                ("FieldValueInvalid", ".pattern"),
                ("FieldValueForbidden", ".uniqueItems"),
            ],
        ),
        (
            json!({"type": "array", "x-kubernetes-list-type": "map", "items": {"type": "object"}}),
            vec![("FieldValueRequired", ".x-kubernetes-list-map-keys")],
        ),
        (
            json!({"type": "strange"}),
            vec![("FieldValueNotSupported", ".type")],
        ),
    ] {
        let expected: Vec<_> = expected
            .iter()
            .map(|(r, f)| (*r, (*f).to_owned()))
            .collect();
        assert_eq!(of_spec(schema.clone()), expected, "{schema}");
    }
}

#[test]
fn defaults_must_fit_their_schemas() {
    for (schema, field) in [
        (
            json!({"type": "integer", "maximum": 3, "default": 4}),
            ".default",
        ),
        (json!({"type": "object", "default": {"a": 1}}), ".default"),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "default": {"a": 1}}),
            ".default.a",
        ),
        (
            json!({"type": "array", "items": {"type": "string"}, "default": ["a", 5]}),
            ".default.[1]",
        ),
        (
            json!({"type": "integer", "default": 4, "x-kubernetes-validations": [{"rule": "self < 4"}]}),
            ".default",
        ),
    ] {
        let found = of_spec(schema.clone());
        assert_eq!(found.len(), 1, "{schema}: {found:?}");
        assert_eq!(found[0].1, field, "{schema}");
    }
}

#[test]
fn rules_must_compile() {
    for (rule, field, words) in [
        (
            json!({"rule": "self.absent"}),
            "rule",
            "compilation failed: ERROR: <input>:1:5: ",
        ),
        (
            json!({"rule": "self.size"}),
            "rule",
            "must evaluate to a bool",
        ),
        (
            json!({"rule": "true", "messageExpression": "1"}),
            "messageExpression",
            "must evaluate to a string",
        ),
        (
            json!({"rule": "true", "optionalOldSelf": true}),
            "optionalOldSelf",
            "may not be set if oldSelf is not used",
        ),
        (
            json!({"rule": "true", "fieldPath": ".absent"}),
            "fieldPath",
            "must be a valid path",
        ),
        (json!({"rule": ""}), "rule", "rule is not specified"),
    ] {
        let schema = json!({
            "type": "object", "properties": {"size": {"type": "integer"}}, "x-kubernetes-validations": [rule],
        });
        let found = check_definition(&definition(schema));
        assert_eq!(found.len(), 1, "{found:?}");
        let place = "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]";
        assert_eq!(found[0].field, format!("{place}.{field}"));
        assert!(found[0].to_string().contains(words), "{}", found[0]);
    }
}

#[test]
fn names_versions_and_subresources_are_looked_at() {
    let good = definition(json!({"type": "object"}));
    for (pointer, value, expected) in [
        ("/metadata/name", json!("pot.example.org"), "metadata.name"),
        ("/spec/scope", json!("Everywhere"), "spec.scope"),
        ("/spec/names/kind", json!("Pot_"), "spec.names.kind"),
        ("/spec/versions/0/storage", json!(false), "spec.versions"),
        (
            "/spec/conversion",
            json!({"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"]}}),
            "spec.conversion.webhookClientConfig",
        ),
        (
            "/spec/versions/0/subresources",
            json!({"scale": {"specReplicasPath": ".status.a", "statusReplicasPath": ".status.b"}}),
            "spec.subresources.scale.specReplicasPath",
        ),
        (
            "/spec/versions/0/additionalPrinterColumns",
            json!([{"name": "a", "type": "date", "jsonPath": "a"}]),
            "spec.additionalPrinterColumns[0].JSONPath",
        ),
        (
            "/spec/versions/0/selectableFields",
            json!([{"jsonPath": ".spec"}]),
            "spec.selectableFields[0].jsonPath",
        ),
        (
            "/spec/versions/0/deprecationWarning",
            json!("old"),
            "spec.versions[0].deprecationWarning",
        ),
        (
            "/spec/versions/0/schema/openAPIV3Schema/properties/metadata",
            json!({"type": "object", "additionalProperties": false}),
            "spec.validation.openAPIV3Schema.properties[metadata]",
        ),
        ("/spec/colour", json!("red"), "spec.colour"),
        ("/spec/group", json!(5), "spec.group"),
    ] {
        let mut changed = good.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        changed.pointer_mut(parent).unwrap()[field] = value;
        let fields: Vec<String> = errors(&changed)
            .into_iter()
            .map(|(_, field)| field)
            .collect();
        assert!(
            fields.contains(&expected.to_owned()),
            "{pointer}: {fields:?}"
        );
    }
}

#[test]
fn fields_are_found_where_they_are_written() {
    for (field, expected) in [
        (
            "spec.validation.openAPIV3Schema.type",
            "spec.versions[0].schema.openAPIV3Schema.type",
        ),
        (
            "spec.additionalPrinterColumns[1].JSONPath",
            "spec.versions[0].additionalPrinterColumns[1].jsonPath",
        ),
        (
            "spec.conversion.webhookClientConfig.url",
            "spec.conversion.webhook.clientConfig.url",
        ),
        ("spec.versions[1].schema", "spec.versions[1].schema"),
        (
            "spec.validation.openAPIV3Schema.properties[spec].default.[0].a",
            "spec.versions[0].schema.openAPIV3Schema.properties[spec].default[0].a",
        ),
    ] {
        assert_eq!(as_written(field), expected);
    }
}

#[test]
fn constants_that_cannot_be_what_they_stand_for_are_refused() {
    // In the words of apiextensions-apiserver v0.37.2, of formats without the place.
    for (rule, why) in [
        (
            "self.matches('(')",
            "compilation failed: ERROR: <input>:1:14: invalid matches argument",
        ),
        (
            "matches('(', self)",
            "compilation failed: ERROR: <input>:1:9: invalid matches argument",
        ),
        (
            "duration('x') == duration('1s')",
            "compilation failed: ERROR: <input>:1:10: invalid duration argument",
        ),
        (
            "self == '' || timestamp('x') < timestamp('y')",
            "compilation failed: ERROR: <input>:1:25: invalid timestamp argument",
        ),
        (
            "string(b'\\xff') == ''",
            "program instantiation failed: invalid UTF-8 in bytes, cannot convert to string",
        ),
        (
            "uint(dyn(-1)) == 1u",
            "program instantiation failed: unsigned integer overflow",
        ),
        (
            "'%d'.format(['a']) == self",
            "error during formatting: decimal clause can only be used on integers, was given string",
        ),
        ("'%s %s'.format([1]) == self", "index 1 out of range"),
        (
            "'%s'.format([1, 2]) == self",
            "too many arguments supplied to string.format (expected 1, got 2)",
        ),
        (
            "'%q'.format([1]) == self",
            "could not parse formatting clause: unrecognized formatting clause \"q\"",
        ),
        (
            "'%.2'.format([1.5]) == self",
            "could not parse formatting clause: error while parsing precision: could not find end of precision specifier",
        ),
        (
            "'%s'.format([optional.of(1)]) == self",
            "error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given optional(int)",
        ),
    ] {
        let schema =
            json!({"type": "string", "maxLength": 9, "x-kubernetes-validations": [{"rule": rule}]});
        let errors = check_definition(&definition(schema));
        let [error] = &errors[..] else {
            panic!("{rule}: {errors:?}");
        };
        assert!(error.to_string().contains(why), "{rule}: {error}");
    }
}

#[test]
fn constants_that_are_what_they_stand_for_are_taken() {
    for rule in [
        "self.matches('^a+$') && matches(self, 'b')",
        "duration('1h') > duration('5s') && timestamp('2026-01-01T00:00:00Z') < timestamp(5)",
        "int('7') == 7 && string(b'abc') == 'abc'",
        "'%s%% %d %.3f %x %e %b %o'.format([[1, 2], 3, 1.5, 'a', 2.5, true, 8]) == self",
        "self.find('[0-9]+') == ''",
    ] {
        let schema =
            json!({"type": "string", "maxLength": 9, "x-kubernetes-validations": [{"rule": rule}]});
        assert_eq!(errors(&definition(schema)), [], "{rule}");
    }
}

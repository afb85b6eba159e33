//! That samples are what they claim to be, by the validator, and that they show
//! all that a schema states. That the validator is right, `judges/apiserver` shows.
#![allow(clippy::unwrap_used)]

use kube_samples::{Batch, Missing, Options, Sample, Why, samples};
use kube_schema::validate::Validator;
use kube_schema::{Additional, Crd, Schema};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

const OPTIONS: Options = Options {
    count: 10,
    max: 1000,
    each: 0,
    seed: 0,
};

fn read(path: &str) -> Vec<Crd> {
    kube_schema::read_crds(&[path]).unwrap()
}

fn of(path: &str) -> Batch {
    samples(&read(path), OPTIONS)
}

/// `crds/traps` of the repository; a build that has it elsewhere says where.
fn traps() -> Vec<Crd> {
    let place = std::env::var("HERMETIC_TRAPS");
    read(place.as_deref().unwrap_or("../../crds/traps"))
}

/// Made once for all tests, with no more of a kind than the tests need.
static OF_TRAPS: LazyLock<Batch> = LazyLock::new(|| {
    let options = Options { max: 45, ..OPTIONS };
    samples(&traps(), options)
});

fn specs<'b>(batch: &'b Batch, what: &str) -> Vec<&'b Value> {
    let shows = |sample: &&Sample| sample.id.ends_with(&format!("-{what}"));
    let samples = batch.samples.iter().filter(shows);
    samples.map(|sample| &sample.object["spec"]).collect()
}

fn breaks<'b>(batch: &'b Batch, constraint: &str) -> Vec<(&'b str, &'b Value)> {
    let broken = batch.samples.iter().filter_map(|sample| {
        let breaks = sample.breaks.as_ref()?;
        (breaks.constraint == constraint).then_some((breaks.path.as_str(), &sample.object["spec"]))
    });
    broken.collect()
}

#[test]
fn the_same_seed_gives_the_same_samples_and_another_one_others() {
    let crds = read("tests/fixtures/widgets.yaml");
    let with = |seed| samples(&crds, Options { seed, ..OPTIONS });
    assert_eq!(with(1).samples, with(1).samples);
    assert_eq!(with(1).missing, with(1).missing);
    assert_ne!(with(1).samples, with(2).samples);
}

#[test]
fn rare_constraints_are_broken_again_by_other_resources() {
    let crds = read("tests/fixtures/widgets.yaml");
    let with = |each| samples(&crds, Options { each, ..OPTIONS });
    let (few, many) = (with(0), with(15));
    assert!(few.samples.iter().zip(&many.samples).all(|(a, b)| a == b));
    assert_eq!(few.missing, many.missing);
    assert!(breaks(&few, "maxLength").len() < 15);
    for constraint in ["maxLength", "enum", "required"] {
        assert_eq!(breaks(&many, constraint).len(), 15, "{constraint}");
    }
    let ids: BTreeSet<&str> = many.samples.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids.len(), many.samples.len());
    let broken = many.samples.iter().filter(|sample| !sample.valid);
    let objects: BTreeSet<String> = broken.map(|sample| sample.object.to_string()).collect();
    assert!(objects.len() + 3 >= many.samples.iter().filter(|s| !s.valid).count());
}

#[test]
fn every_sample_is_what_it_claims() {
    let validator = Validator::new(traps());
    for sample in &OF_TRAPS.samples {
        let verdict = validator.validate(&sample.object).unwrap();
        assert_eq!(verdict.is_valid(), sample.valid, "{}", sample.id);
        assert_eq!(sample.valid, sample.breaks.is_none(), "{}", sample.id);
        assert_eq!(sample.object["kind"], *sample.kind, "{}", sample.id);
        assert_eq!(verdict.unjudged, sample.unjudged, "{}", sample.id);
    }
    let ids: BTreeSet<&str> = OF_TRAPS.samples.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids.len(), OF_TRAPS.samples.len());
}

#[test]
fn the_traps_show_every_kind_of_constraint_broken() {
    let broken = OF_TRAPS.samples.iter().filter_map(|s| s.breaks.as_ref());
    let found: BTreeSet<&str> = broken.map(|breaks| breaks.constraint).collect();
    let expected = BTreeSet::from([
        "additionalProperties",
        "allOf",
        "anyOf",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "metadata",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "nullable",
        "oneOf",
        "pattern",
        "required",
        "scale",
        "type",
        "unknown field",
        "x-kubernetes-embedded-resource",
        "x-kubernetes-list-type",
        "x-kubernetes-validations",
    ]);
    assert_eq!(found, expected);
}

/// What rules may call, by the server's libraries.
const FUNCTIONS: [(&str, &str); 13] = [
    (
        "the language",
        "size( bool( bytes( double( duration( int( string( timestamp( uint( type( dyn( matches( contains( startsWith( \
         endsWith( has(",
    ),
    ("macros", ".all( .exists( .existsOne( .map( .filter("),
    (
        "two-variable macros",
        ".transformList( .transformMap( .transformMapEntry(",
    ),
    (
        "times",
        ".getDate( .getDayOfMonth( .getDayOfWeek( .getDayOfYear( .getFullYear( .getHours( .getMilliseconds( .getMinutes( \
         .getMonth( .getSeconds(",
    ),
    (
        "strings",
        ".charAt( .indexOf( .lastIndexOf( .lowerAscii( .upperAscii( .replace( .split( .substring( .trim( .format( \
         strings.quote( .join(",
    ),
    ("sets", "sets.contains( sets.equivalent( sets.intersects("),
    (
        "lists",
        ".slice( .flatten( .sort( lists.range( .reverse( .distinct( .first( .last( .isSorted( .sum( .min( .max( .indexOf( \
         .lastIndexOf(",
    ),
    (
        "optionals",
        "optional.of( optional.ofNonZeroValue( optional.none( .value( .hasValue( .or( .orValue( .optMap( .optFlatMap(",
    ),
    ("regular expressions", ".find( .findAll("),
    (
        "URLs",
        "url( isURL( .getScheme( .getHost( .getHostname( .getPort( .getEscapedPath( .getQuery(",
    ),
    (
        "networks",
        "ip( isIP( ip.isCanonical( .family( .isUnspecified( .isLoopback( .isLinkLocalMulticast( .isLinkLocalUnicast( \
         .isGlobalUnicast( cidr( isCIDR( .containsIP( .containsCIDR( .ip( .prefixLength( .masked(",
    ),
    (
        "quantities and versions",
        "quantity( isQuantity( sign( .isGreaterThan( .isLessThan( .compareTo( .asApproximateFloat( .asInteger( .isInteger( \
         .add( .sub( semver( isSemver( .major( .minor( .patch(",
    ),
    (
        "formats",
        "format.named( .validate( format.dns1123Label( format.dns1123Subdomain( format.dns1035Label( format.qualifiedName( \
         format.dns1123LabelPrefix( format.dns1123SubdomainPrefix( format.dns1035LabelPrefix( format.labelValue( \
         format.uri( format.uuid( format.byte( format.date( format.datetime(",
    ),
];

fn rules_of<'s>(schema: &'s Schema, found: &mut Vec<&'s str>) {
    let texts = schema.rules.iter();
    found.extend(texts.flat_map(|rule| [rule.rule.as_str(), rule.message_expression.as_str()]));
    for below in schema.properties.values() {
        rules_of(below, found);
    }
    if let Some(items) = &schema.items {
        rules_of(items, found);
    }
    if let Some(Additional::Schema(values)) = &schema.additional_properties {
        rules_of(values, found);
    }
}

#[test]
fn the_traps_call_every_function_of_every_library() {
    let crds = traps();
    let mut rules = Vec::new();
    for version in crds.iter().flat_map(|crd| &crd.versions) {
        rules_of(&version.schema, &mut rules);
    }
    for (library, functions) in FUNCTIONS {
        for function in functions.split_whitespace() {
            let is_called = rules.iter().any(|rule| rule.contains(function));
            assert!(is_called, "{library}: no rule calls {function}");
        }
    }
}

#[test]
fn the_traps_are_at_least_thirty_crds() {
    assert!(traps().len() >= 30);
}

#[test]
fn every_kind_of_the_traps_has_a_valid_sample_but_those_that_none_satisfies() {
    let with: BTreeSet<&str> = OF_TRAPS
        .samples
        .iter()
        .filter(|sample| sample.valid)
        .map(|sample| sample.kind.as_str())
        .collect();
    let crds = traps();
    let without: Vec<&str> = crds
        .iter()
        .map(|crd| crd.names.kind.as_str())
        .filter(|kind| !with.contains(kind))
        .collect();
    assert_eq!(without, ["Impossible"]);
}

#[test]
fn valid_samples_show_what_the_schema_allows() {
    let batch = of("tests/fixtures/widgets.yaml");
    assert_eq!(specs(&batch, "minimal")[0].as_object().unwrap().len(), 1);
    assert_eq!(specs(&batch, "full")[0].as_object().unwrap().len(), 10);
    let listed: BTreeSet<&str> = specs(&batch, "enum")
        .iter()
        .map(|spec| spec["size"].as_str().unwrap())
        .collect();
    assert_eq!(listed, BTreeSet::from(["large", "small"]));
    assert!(
        specs(&batch, "null")
            .iter()
            .any(|spec| spec.get("note") == Some(&Value::Null))
    );
    assert!(specs(&batch, "unicode").iter().any(|spec| {
        spec["code"]
            .as_str()
            .is_some_and(|code| !code.is_ascii() && code.chars().count() == 4)
    }));
    assert!(specs(&batch, "integer").iter().any(|s| s["port"].is_i64()));
    assert!(
        specs(&batch, "string")
            .iter()
            .any(|s| s["port"].is_string())
    );
    assert!(
        specs(&batch, "least")
            .iter()
            .any(|s| s["least"] == json!(0))
    );
    assert!(
        specs(&batch, "most")
            .iter()
            .any(|s| s["most"] == json!(1000))
    );
    let branches = specs(&batch, "oneOf");
    assert!(
        branches
            .iter()
            .any(|spec| spec["choice"].get("a").is_some())
    );
    assert!(
        branches
            .iter()
            .any(|spec| spec["choice"].get("b").is_some())
    );
    assert!(
        specs(&batch, "extra")
            .iter()
            .any(|spec| spec["free"].get("notDeclared").is_some())
    );
    assert!(specs(&batch, "format").len() > 2);
}

#[test]
fn a_broken_sample_breaks_its_constraint_at_its_place() {
    let batch = of("tests/fixtures/widgets.yaml");
    let length = |value: &Value| value.as_str().unwrap().chars().count();
    let (path, spec) = breaks(&batch, "maxLength")[0];
    assert_eq!((path, length(&spec["code"])), ("spec.code", 5));
    let (path, spec) = breaks(&batch, "minLength")[0];
    assert_eq!((path, length(&spec["code"])), ("spec.code", 1));
    let (path, spec) = breaks(&batch, "maximum")[0];
    assert_eq!((path, &spec["most"]), ("spec.most", &json!(1001)));
    let (path, spec) = breaks(&batch, "minimum")[0];
    assert_eq!((path, &spec["least"]), ("spec.least", &json!(-1)));
    let required = breaks(&batch, "required");
    assert!(required.iter().any(|(path, _)| *path == "spec.size"));
    assert!(required.iter().any(|(path, _)| *path == "spec"));
    let (path, spec) = breaks(&batch, "x-kubernetes-validations")[0];
    assert_eq!(path, "spec");
    assert!(spec["least"].as_i64() > spec["most"].as_i64());
    assert_eq!(breaks(&batch, "pattern")[0].0, "spec.release");
    assert_eq!(breaks(&batch, "format")[0].0, "spec.at");
    assert_eq!(breaks(&batch, "oneOf")[0].0, "spec.choice");
    assert!(
        breaks(&batch, "unknown field")
            .iter()
            .any(|(path, _)| *path == "spec.choice.notDeclared")
    );
}

#[test]
fn versions_that_are_not_served_have_no_samples() {
    let batch = of("tests/fixtures/widgets.yaml");
    assert!(
        batch
            .samples
            .iter()
            .all(|s| s.api_version == "example.org/v1")
    );
}

#[test]
fn count_is_the_fewest_and_max_the_most_of_a_kind() {
    let crds = read("tests/fixtures/hopeless.yaml");
    let with = |count, max| {
        let options = Options {
            count,
            max,
            ..OPTIONS
        };
        let batch = samples(&crds, options);
        let of_hope = batch.samples.iter().filter(|s| s.kind == "Hope");
        (of_hope.count(), batch.left_out)
    };
    assert!(with(80, 200).0 >= 80);
    let (made, left_out) = with(1, 15);
    assert_eq!(made, 15);
    assert!(left_out > 0);
}

#[test]
fn what_no_sample_shows_is_reported() {
    let batch = of("tests/fixtures/hopeless.yaml");
    let missing = |kind: &str, place: &str, what: &str, why| Missing {
        kind: format!("{kind}.example.org/v1"),
        place: place.to_owned(),
        what: what.to_owned(),
        why,
    };
    let rule = "x-kubernetes-validations";
    for expected in [
        missing(
            "despairs",
            "the resource",
            "a valid resource",
            Why::Unreachable,
        ),
        missing("hopes", "spec.number", "a value", Why::Unreachable),
        missing("hopes", "spec.number", "minimum", Why::Unreachable),
        missing("hopes", "spec.rule", "a value", Why::Unreachable),
        missing("hopes", "spec.always", rule, Why::Unbroken),
    ] {
        assert!(batch.missing.contains(&expected), "{expected:?}");
    }
}

//! Rules that the API server accepts or refuses: `fixtures/rules.txt` is what its
//! own validation of CRDs (apiextensions-apiserver v0.37.2) said of each, on the
//! fields of `fixtures/rules.yaml`.

use kube_schema::{Rule, cel_rule, cel_type, read_crds};

#[test]
fn rules_have_types_as_the_api_server_gives_them() {
    let crds = read_crds(&["tests/fixtures/rules.yaml"]).unwrap();
    let spec = &crds[0].versions[0].schema.properties["spec"];
    let this = cel_type(spec, false, "spec").unwrap();
    let lines = std::fs::read_to_string("tests/fixtures/rules.txt").unwrap();
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let (verdict, text) = line.split_once(' ').unwrap();
        let rule = Rule {
            rule: text.trim().to_owned(),
            ..Rule::default()
        };
        let found = cel_rule(&rule, &this);
        if found.is_ok() != (verdict == "accepted") {
            let said = found.err().map(|error| error.to_string());
            wrong.push(format!("{line}: {}", said.unwrap_or_default()));
        }
    }
    assert!(lines.lines().count() > 150);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

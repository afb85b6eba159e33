//! What projects mean, and what is said when they are wrong: small ones, written out here.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;

use build_graph::{ActionKind, Artifact};
use build_lang::config::Override;
use build_lang::{Project, TargetOutputs};
use tempfile::TempDir;

/// A rule that copies its sources' names into a file, with dependencies of every kind of use.
const RULES: &str = r#"
NamesInfo = provider(doc = "names", fields = {"names": provider_field(list[str])})

def _impl(ctx: AnalysisContext) -> list[Provider]:
    out = ctx.actions.declare_output("out.txt")
    names = [source.short_path for source in ctx.attrs.srcs]
    for dep in ctx.attrs.deps:
        names += dep[NamesInfo].names
    ctx.actions.run(
        cmd_args("tool", ctx.attrs.srcs, cmd_args(out.as_output(), format = "--out={}")),
        category = "make_names",
        env = {"MODE": ctx.attrs.mode},
    )
    return [
        DefaultInfo(default_output = out, sub_targets = {"part": [DefaultInfo(default_output = out), NamesInfo(names = ["part"])]}),
        NamesInfo(names = names),
    ]

names = rule(
    impl = _impl,
    attrs = {
        "deps": attrs.list(attrs.dep(providers = [NamesInfo]), default = []),
        "mode": attrs.string(default = "plain"),
        "srcs": attrs.list(attrs.source(), default = []),
    },
)
"#;

fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut all = vec![
        (
            ".buckconfig",
            "[cells]\n  main = .\n  other = other\n[mode]\n  value = configured\n",
        ),
        ("PACKAGE", "package(visibility = [\"PUBLIC\"])\n"),
        ("rules.bzl", RULES),
        ("BUCK", ""),
    ];
    all.extend(files);
    for (path, text) in all {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn outputs(
    root: &Path,
    pattern: &str,
    overrides: &[Override],
) -> Result<(TargetOutputs, build_graph::ActionGraph), String> {
    let project = Project::open(root, overrides).map_err(|error| error.to_string())?;
    let requested = project
        .resolve(&[pattern.to_owned()], "")
        .map_err(|error| error.to_string())?;
    let outputs = project
        .outputs(&requested[0])
        .map_err(|error| error.to_string())?;
    Ok((outputs, project.into_graph()))
}

/// The error of building `pattern` in a project with these files.
fn error(files: &[(&str, &str)], pattern: &str) -> String {
    outputs(project(files).path(), pattern, &[]).unwrap_err()
}

fn assert_says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in:\n{error}");
    }
}

const LOAD: &str = "load(\"//:rules.bzl\", \"names\")\n";

fn buck(text: &str) -> String {
    format!("{LOAD}{text}")
}

#[test]
fn a_target_becomes_an_action_with_its_inputs_and_outputs() {
    let text = buck(
        "names(name = \"a\", srcs = glob([\"**/*.txt\"]), mode = read_config(\"mode\", \"value\"))\n",
    );
    let folder = project(&[
        ("p/BUCK", &text),
        ("p/x.txt", ""),
        ("p/q/y.txt", ""),
        ("p/r/BUCK", ""),
        ("p/r/z.txt", ""),
    ]);
    let (outputs, graph) = outputs(folder.path(), "//p:a", &[]).unwrap();
    let [action] = graph.actions.as_slice() else {
        panic!("one action")
    };
    let inputs: Vec<&str> = action.inputs.iter().map(|input| &**input.path()).collect();
    assert_eq!(inputs, ["p/q/y.txt", "p/x.txt"]);
    let ActionKind::Run(run) = &action.kind else {
        panic!("a command")
    };
    assert_eq!(
        run.argv,
        [
            "tool",
            "p/q/y.txt",
            "p/x.txt",
            "--out=buck-out/v2/art/main/p/__a__/out.txt"
        ]
    );
    assert_eq!(run.env, [("MODE".to_owned(), "configured".to_owned())]);
    assert!(matches!(&outputs.default[..], [Artifact::Built { .. }]));
}

#[test]
fn the_command_line_sets_configuration() {
    let text =
        buck("names(name = \"a\", mode = read_root_config(\"mode\", \"value\", \"none\"))\n");
    let folder = project(&[("p/BUCK", &text)]);
    let set = [Override::parse("mode.value=given").unwrap()];
    let (_, graph) = outputs(folder.path(), "//p:a", &set).unwrap();
    let ActionKind::Run(run) = &graph.actions[0].kind else {
        panic!("a command")
    };
    assert_eq!(run.env[0].1, "given");
}

#[test]
fn a_dependency_is_analysed_first_and_a_sub_target_has_providers_of_its_own() {
    let text = buck("names(name = \"a\", deps = [\":b\", \":b[part]\"])\nnames(name = \"b\")\n");
    let (outputs, graph) = outputs(project(&[("p/BUCK", &text)]).path(), "//p:a", &[]).unwrap();
    assert_eq!(
        graph
            .actions
            .iter()
            .map(|action| &*action.owner.name)
            .collect::<Vec<_>>(),
        ["b", "a"]
    );
    assert_eq!(outputs.sub_targets, ["part"]);
}

#[test]
fn select_falls_back_to_its_default() {
    let text = buck("names(name = \"a\", mode = select({\"DEFAULT\": \"chosen\"}))\n");
    let (_, graph) = outputs(project(&[("p/BUCK", &text)]).path(), "//p:a", &[]).unwrap();
    let ActionKind::Run(run) = &graph.actions[0].kind else {
        panic!("a command")
    };
    assert_eq!(run.env[0].1, "chosen");
}

#[test]
fn a_duplicate_target_names_both_places() {
    let text = buck("names(name = \"a\")\n\nnames(name = \"a\")\n");
    assert_says(
        &error(&[("p/BUCK", &text)], "//p:a"),
        &["duplicate target `main//p:a`", "p/BUCK:2", "p/BUCK:4"],
    );
}

#[test]
fn a_load_cycle_names_its_files() {
    let files = [
        ("p/BUCK", "load(\":a.bzl\", \"A\")\n"),
        ("p/a.bzl", "load(\":b.bzl\", \"B\")\nA = B\n"),
        ("p/b.bzl", "load(\":a.bzl\", \"A\")\nB = A\n"),
    ];
    assert_says(
        &error(&files, "//p:"),
        &[
            "load cycle",
            "main//p/a.bzl -> main//p/b.bzl -> main//p/a.bzl",
        ],
    );
}

#[test]
fn a_dependency_cycle_names_its_targets() {
    let text = buck("names(name = \"a\", deps = [\":b\"])\nnames(name = \"b\", deps = [\":a\"])\n");
    assert_says(
        &error(&[("p/BUCK", &text)], "//p:a"),
        &["dependency cycle", "main//p:a -> main//p:b -> main//p:a"],
    );
}

#[test]
fn a_missing_file_is_named_with_the_line_that_asks_for_it() {
    let text = buck("names(name = \"a\", srcs = [\"none.txt\"])\n");
    assert_says(
        &error(&[("p/BUCK", &text)], "//p:a"),
        &["source file `none.txt` does not exist", "p/BUCK:2"],
    );
    let load = "load(\":none.bzl\", \"x\")\n";
    assert_says(
        &error(&[("p/BUCK", load)], "//p:"),
        &["there is no file `p/none.bzl`", "p/BUCK:1"],
    );
}

#[test]
fn mistakes_of_a_rules_user_name_the_remedy() {
    let cases: [(&str, &[&str]); 8] = [
        ("names(nam = \"a\")", &["`name` is missing"]),
        (
            "names(name = \"a\", sources = [])",
            &["no attribute `sources`", "it has: name, deps, mode, srcs"],
        ),
        (
            "names(name = \"a\", mode = 1)",
            &["attribute `mode`", "expected a value of type `string()`"],
        ),
        ("names(name = \"a b\")", &["invalid target name `a b`"]),
        (
            "names(name = \"a\", deps = [\":c\"])\nnames(name = \"b\")",
            &["unknown target `main//p:c`"],
        ),
        (
            "names(name = \"a\", modifiers = [\"//:x\"])",
            &["does not support the attribute `modifiers`"],
        ),
        (
            "names(name = \"a\", srcs = glob([\"[ab].txt\"]))",
            &["only `*` and `**`"],
        ),
        ("genrule(name = \"a\")", &["genrule", "not found"]),
    ];
    for (text, parts) in cases {
        assert_says(
            &error(&[("p/BUCK", &buck(&format!("{text}\n")))], "//p:a"),
            parts,
        );
    }
}

#[test]
fn a_wrong_name_on_the_command_line_gets_the_near_one() {
    let text = buck("names(name = \"models\")\n");
    assert_says(
        &error(&[("p/BUCK", &text)], "//p:modles"),
        &["unknown target", "did you mean `:models`?"],
    );
    assert_says(
        &error(&[("p/BUCK", &text)], "//p:x"),
        &["`./buck2 targets main//p:` lists the ones there are"],
    );
    assert_says(
        &error(&[], "//none:x"),
        &["`main//none` is no package", "does not exist"],
    );
    assert_says(&error(&[], "none//p:x"), &["unknown cell `none`"]);
    assert_says(
        &error(&[("p/BUCK", &text)], "//p:models[par]"),
        &["no sub-target `par`", "it has: part"],
    );
}

#[test]
fn a_private_target_is_not_visible_to_other_packages() {
    let private = buck("names(name = \"b\", visibility = [])\n");
    let user = buck("names(name = \"a\", deps = [\"//q:b\"])\n");
    assert_says(
        &error(&[("p/BUCK", &user), ("q/BUCK", &private)], "//p:a"),
        &["main//q:b is not visible to main//p:a"],
    );
    let shown = buck("names(name = \"b\", visibility = [\"//p/...\"])\n");
    assert!(
        outputs(
            project(&[("p/BUCK", &user), ("q/BUCK", &shown)]).path(),
            "//p:a",
            &[]
        )
        .is_ok()
    );
}

#[test]
fn what_real_buck2_refuses_is_refused() {
    let rule = |body: &str| {
        format!(
            "def _impl(ctx: AnalysisContext) -> list[Provider]:\n{body}\nr = rule(impl = _impl, attrs = {{}})\n"
        )
    };
    let cases: [(String, &[&str]); 8] = [
        (
            rule("    ctx.actions.declare_output(\"o\")\n    return [DefaultInfo()]"),
            &["must be bound", "`o`"],
        ),
        (rule("    return []"), &["has to return a DefaultInfo"]),
        (rule("    return DefaultInfo()"), &["list[Provider]"]),
        (
            rule(
                "    o = ctx.actions.declare_output(\"o\")\n    ctx.actions.run([\"t\", o.as_output()], category = \"Bad\")\n    return [DefaultInfo()]",
            ),
            &["action category `Bad`"],
        ),
        (
            rule(
                "    o = ctx.actions.declare_output(\"o\")\n    ctx.actions.run([\"t\", o], category = \"t\")\n    return [DefaultInfo()]",
            ),
            &["must be bound by now", ".as_output()"],
        ),
        (
            rule("    ctx.actions.run([\"t\"], category = \"t\")\n    return [DefaultInfo()]"),
            &["at least one output"],
        ),
        (
            rule("    ctx.actions.anon_target(1)\n    return [DefaultInfo()]"),
            &["anon_target"],
        ),
        (
            format!("\t{}", rule("    return [DefaultInfo()]")),
            &["r.bzl:1:1: tabs are not allowed"],
        ),
    ];
    for (text, parts) in &cases {
        let files = [
            ("p/BUCK", "load(\":r.bzl\", \"r\")\nr(name = \"a\")\n"),
            ("p/r.bzl", text.as_str()),
        ];
        assert_says(&error(&files, "//p:a"), parts);
    }
}

#[test]
fn another_cells_targets_need_the_cells_name() {
    let other =
        "load(\"@main//:rules.bzl\", \"names\")\nnames(name = \"b\", visibility = [\"PUBLIC\"])\n";
    let user = buck("names(name = \"a\", deps = [\"other//x:b\"])\n");
    let folder = project(&[("p/BUCK", &user), ("other/x/BUCK", other)]);
    assert!(outputs(folder.path(), "//p:a", &[]).is_ok());
    let project = Project::open(folder.path(), &[]).unwrap();
    let all = project.resolve(&["//...".to_owned()], "").unwrap();
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(all, ["main//p:a"]);
}

#[test]
fn lint_finds_what_is_wrong_and_nothing_else() {
    let findings = build_lang::lint("a.bzl", "def f(x: str) -> int:\n    return x\n").unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(build_lang::lint("rules.bzl", RULES).unwrap().is_empty());
}

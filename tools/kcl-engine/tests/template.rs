//! What the library promises of templates: what an ordinary run gives, sooner.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, time::Duration};

use kcl_engine::{
    Argument, Engine, EngineError, Failure, Limits, Package, Program, Source, Template,
};
use pretty_assertions::assert_eq;
use test_report::testing::{binary, libkcl};

fn engine() -> Engine {
    Engine::new(libkcl())
        .unwrap()
        .with_worker(binary("kcl-worker"))
}

fn program(text: &str) -> Program {
    Program {
        root: ".".into(),
        sources: vec![Source {
            path: "prog.k".into(),
            text: Some(text.to_owned()),
        }],
        ..Program::default()
    }
}

fn template(text: &str) -> Template {
    engine().template(program(text), "items")
}

fn params(json: &str) -> Vec<Argument> {
    vec![Argument {
        name: "params".to_owned(),
        value: json.to_owned(),
    }]
}

fn ordinary(text: &str, options: &[Argument]) -> Result<String, String> {
    let program = Program {
        arguments: options.to_vec(),
        ..program(text)
    };
    match engine().run(&program) {
        Ok(output) => Ok(output.json),
        Err(EngineError::Program(error)) => Err(error.text),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn each_run_has_its_own_options_and_state() {
    let mut template = template(
        "schema Bed:\n    name: str\n    rows: int = 2\n    _hidden: int = 1\n\
         _p = option(\"params\")\n\
         items = [Bed {name = _p.name}, {a = Undefined, b = None, _c = 1}, lambda {1}]\n",
    );
    for name in ["pear", "plum", "äpple 🍏"] {
        let options = params(&format!("{{\"name\": {name:?}}}"));
        let json = template.run(&options, false).unwrap();
        let want =
            format!("{{\"items\": [{{\"name\": \"{name}\", \"rows\": 2}}, {{\"b\": null}}]}}");
        assert_eq!(json, want);
    }
    assert!(!template.is_spent());
    let json = template.run(&params("{\"name\": \"fig\"}"), true).unwrap();
    assert_eq!(
        json,
        "{\"items\": [{\"name\": \"fig\", \"rows\": 2}, {\"b\": null}]}"
    );
    assert!(template.is_spent());
}

#[test]
fn values_are_what_an_ordinary_run_gives() {
    let texts = [
        "items = option(\"params\")",
        "items = [option(\"params\").a, 1.0, 1e21, 9007199254740993, \"\\u0001\\n\"]",
        "items = {**option(\"params\"), \"x.y\" = [[], {}, [None]]}",
        "if option(\"params\"):\n    items = [option(\"none\"), option(\"none\", default=\"d\")]",
        "_x = [i for i in range(3)]\n_x += option(\"params\").list\nitems = [*_x, _x] # end",
        "import manifests\nitems = option(\"params\")\nmanifests.yaml_stream([items, items])",
        "items = [option(\"n\"), option(\"params\").a, option(\"n\"), option(\"N\", default=1)]",
        "items = [option(key=\"n\"), option(\"n\", type=\"str\"), option(\"params\", required=True).a]",
    ];
    for text in texts {
        let mut options = params("{\"a\": {\"k\": [1, 2.5, \"é\", null, true]}, \"list\": [7]}");
        options.push(Argument {
            name: "n".to_owned(),
            value: "7".to_owned(),
        });
        let json = template(text).run(&options, false);
        assert_eq!(json.unwrap(), ordinary(text, &options).unwrap(), "{text}");
    }
}

/// By position a pattern is ours to match, by keyword libkcl's.
#[test]
fn patterns_mean_what_libkcl_makes_of_them() {
    let text = r#"import regex
_patterns = [
    "", "^a", "a|b", r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "(?i)ÄPFEL", "(?!a)b", r"(a)\1", "a++b",
    "[[:ascii:]]-", r"\p{L}+$", r"^\d{2,}", "a{2}+", r"\bb", "[a&&b]", "(?s).$", "(a(?=b)|b)*$"
]
_texts = ["", "a", "ab", "aab", "-a-", "b a", "äpfel", "٣٤", "12\n", option("params").text]
items = [
    [
        [regex.match(t, p), regex.match(string=t, pattern=p)],
        [regex.replace(t, p, "<$0>"), regex.replace(string=t, pattern=p, replace="<$0>")]
    ] for p in _patterns for t in _texts
]
"#;
    let mut template = template(text);
    for name in ["pear", "aa-", "naïve"] {
        let json = template.run(&params(&format!("{{\"text\": {name:?}}}")), false);
        let json: serde_json::Value = serde_json::from_str(&json.unwrap()).unwrap();
        let found = json["items"].as_array().unwrap();
        assert_eq!(found.len(), 160);
        for (index, pair) in found.iter().enumerate() {
            assert_eq!(pair[0][0], pair[0][1], "match {index} with {name}");
            assert_eq!(pair[1][0], pair[1][1], "replace {index} with {name}");
        }
    }
    let wrong = "import regex\nitems = [regex.match(option(\"params\"), \"(\")]";
    let options = params("\"a\"");
    let said = match self::template(wrong).run(&options, false) {
        Err(EngineError::Program(error)) => error.text,
        other => panic!("{other:?}"),
    };
    assert_eq!(said, ordinary(wrong, &options).unwrap_err());
}

/// The schemas that a program does not reach are not compiled; what is wrong
/// with it is told as ever.
#[test]
fn a_large_generated_file_is_compiled_as_far_as_it_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let write = |broken: &str| {
        let many: String = (0..60)
            .map(|n| format!("schema S{n}:\n    next?: S{}\n\n", n + 1))
            .collect();
        let text = format!(
            "\"\"\"\nGenerated by crd-models from a CRD: do not edit.\n\"\"\"\n{many}\
             schema S60:\n    n: int\n\n    check:\n        n < 9, \"too large\"\n{broken}"
        );
        fs::create_dir_all(folder.path().join("v1")).unwrap();
        fs::write(folder.path().join("kcl.mod"), "[package]\n").unwrap();
        fs::write(folder.path().join("v1/v1.k"), text).unwrap();
    };
    let of = |text: &str| Program {
        packages: vec![Package {
            name: "big".to_owned(),
            path: folder.path().to_owned(),
        }],
        ..program(text)
    };
    let run = |text: &str, options: &[Argument]| {
        let told = engine().template(of(text), "items").run(options, false);
        told.map_err(|error| error.to_string())
    };
    let whole = |text: &str, options: &[Argument]| {
        let arguments = options.to_vec();
        let program = Program {
            arguments,
            ..of(text)
        };
        let output = engine().run(&program);
        output
            .map(|output| output.json)
            .map_err(|error| error.to_string())
    };
    write("");
    let of_last = "import big.v1\n_n = option(\"n\")\nitems = [v1.S59 {next = {n = _n}}]\n";
    let number = |value: &str| {
        vec![Argument {
            name: "n".to_owned(),
            value: value.to_owned(),
        }]
    };
    assert_eq!(
        run(of_last, &number("1")).unwrap(),
        "{\"items\": [{\"next\": {\"n\": 1}}]}"
    );
    let texts = [
        of_last,
        "import big.v1\nitems = [v1.S61 {}]",
        "import big.v1\nitems = [v1.S60 {n = 1, m = option(\"n\")}]",
    ];
    for text in texts {
        let said = run(text, &number("9")).unwrap_err();
        assert_eq!(said, whole(text, &number("9")).unwrap_err());
    }
    write("schema Broken:\n    x: Nothing\n");
    assert!(run(of_last, &number("1")).is_ok());
    assert!(
        whole(of_last, &number("1"))
            .unwrap_err()
            .contains("Nothing")
    );
}

#[test]
fn errors_are_what_an_ordinary_run_says() {
    let texts = [
        "items = [",
        "items = [nothing]",
        "assert option(\"params\").a == 1, \"not one\"\nitems = []",
        "schema A:\n    n: int\n    check:\n        n > 1\nitems = [A {n = option(\"params\").a}]",
        "nothing = 1",
        "items = option(\"params\").x.y.z",
    ];
    for text in texts {
        let options = params("{\"a\": 0}");
        let mut template = template(text);
        for _ in 0..2 {
            let said = match template.run(&options, false) {
                Ok(json) => Ok(json),
                Err(EngineError::Program(error)) => Err(error.text),
                Err(other) => panic!("{text}: {other}"),
            };
            assert_eq!(said, ordinary(text, &options), "{text}");
        }
    }
}

#[test]
fn a_program_that_reads_no_option_runs_once() {
    let mut template = template("items = [1]");
    for _ in 0..3 {
        assert_eq!(template.run(&[], false).unwrap(), "{\"items\": [1]}");
    }
    assert!(!template.is_spent());
}

#[test]
fn a_crash_ends_one_run() {
    let text = "_f = lambda n { _f(n + 1) }\n_p = option(\"params\")\n\
                items = [_f(1)] if _p.bad else [2]";
    let limits = Limits {
        stack: 16 << 20,
        ..Limits::default()
    };
    let engine = engine().with_limits(limits);
    let mut template = engine.template(program(text), "items");
    assert_eq!(
        template.run(&params("{}"), false).unwrap(),
        "{\"items\": [2]}"
    );
    let error = template.run(&params("{\"bad\": true}"), false).unwrap_err();
    let EngineError::Stopped { failure, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(failure, Failure::Stack(16 << 20));
    assert_eq!(
        template.run(&params("{}"), false).unwrap(),
        "{\"items\": [2]}"
    );
}

#[test]
fn a_run_without_end_is_stopped() {
    let limits = Limits {
        time: Duration::from_secs(1),
        ..Limits::default()
    };
    let text = "_p = option(\"params\")\nitems = [i for i in range(_p.n) for j in range(_p.n)]";
    let engine = engine().with_limits(limits);
    let mut template = engine.template(program(text), "items");
    assert_eq!(
        template.run(&params("{\"n\": 1}"), false).unwrap(),
        "{\"items\": [0]}"
    );
    let error = template.run(&params("{\"n\": 100000}"), false).unwrap_err();
    assert!(
        error.to_string().contains("was stopped after 1 s"),
        "{error}"
    );
}

#[test]
fn what_gives_another_value_at_each_run_is_refused_with_its_place() {
    let calls = [
        "datetime.now()",
        "datetime.today()",
        "datetime.ticks()",
        "datetime.date()",
        "crypto.uuid()",
        "net.fqdn(\"x\")",
    ];
    for call in calls {
        let text = format!("import datetime\nimport crypto\nimport net\n\nitems = [{call}]\n");
        let error = engine().run(&program(&text)).unwrap_err().to_string();
        let name = call.split('(').next().unwrap();
        assert!(
            error.contains(&format!("{name}() gives another value")),
            "{call}: {error}"
        );
        assert!(error.contains("prog.k:5"), "{call}: {error}");
        assert!(error.contains("--impure"), "{call}: {error}");
        let template = template(&text).run(&[], false).unwrap_err().to_string();
        assert_eq!(template, error);
    }
}

#[test]
fn it_is_allowed_on_request() {
    let limits = Limits {
        impure: true,
        ..Limits::default()
    };
    let text = "import crypto\nitems = [len(crypto.uuid())]";
    let output = engine().with_limits(limits).run(&program(text)).unwrap();
    assert_eq!(output.json, "{\"items\": [36]}");
}

/// What a worker keeps for the runs to come, here patterns, does not add up.
#[test]
fn a_worker_that_grows_is_replaced() {
    const MIB: u64 = 1 << 20;
    let text = "import regex\nitems = [regex.match(\"pear\", option(\"params\"))]";
    let held = |growth: u64| {
        let limits = Limits {
            growth,
            ..Limits::default()
        };
        let engine = engine().with_limits(limits);
        let mut template = engine.template(program(text), "items");
        let (mut held, mut replaced) = (Vec::new(), 0);
        for number in 1..=12 {
            let pattern = params(&format!("\"^(\\\\pL{{30}}|x{{{number}}}|pear)$\""));
            let json = template.run(&pattern, false).unwrap();
            assert_eq!(json, "{\"items\": [true]}", "{number}");
            held.extend(template.resident());
            replaced += usize::from(template.is_spent());
        }
        (held.iter().max().unwrap() - held[0], replaced)
    };
    let (unlimited, replaced) = held(u64::MAX);
    assert_eq!(replaced, 0);
    let (limited, replaced) = held(8 * MIB);
    println!("grew by {unlimited} bytes, by {limited} with a limit and {replaced} replaced");
    assert!(unlimited > 16 * MIB && limited < 12 * MIB && replaced > 0);
}

/// The run after a crash has a worker that others can use.
#[test]
fn a_worker_that_crashed_is_replaced() {
    let text = "_p = option(\"params\")\nitems = [\"x\" * _p]";
    let limits = Limits {
        memory: 1 << 30,
        ..Limits::default()
    };
    let engine = engine().with_limits(limits);
    let mut template = engine.template(program(text), "items");
    assert_eq!(
        template.run(&params("1"), false).unwrap(),
        "{\"items\": [\"x\"]}"
    );
    assert!(template.run(&params("4000000000"), false).is_err());
    assert!(template.is_spent());
    assert_eq!(
        template.run(&params("2"), false).unwrap(),
        "{\"items\": [\"xx\"]}"
    );
    assert!(!template.is_spent());
}

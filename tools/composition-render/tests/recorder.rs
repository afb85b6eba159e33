//! What a function answers is recorded as it is, and ours is held against it:
//! the answers of function-kcl in `tests/function-kcl`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use support::{Meta, with_function};
use test_report::testing::{binary, libkcl};
use tonic::Status;

/// How many answers of function-kcl were recorded.
const RECORDED: usize = 101;

fn run(arguments: &[&str]) -> Output {
    Command::new(binary("composition-render"))
        .args(arguments)
        .output()
        .unwrap()
}

fn record(requests: &Path, address: &str, out: &Path) -> Output {
    let [requests, out] = [requests, out].map(|path| path.to_str().unwrap());
    let server = ["--server", "fake", "--server-version", "v7"];
    let command = ["record", requests, "--address", address, "--out", out];
    run(&[&command[..], &server[..]].concat())
}

fn replay(recorded: &Path) -> (Option<i32>, String) {
    let libkcl = libkcl().display().to_string();
    let recorded = recorded.to_str().unwrap();
    let output = run(&["replay", recorded, "--libkcl", &libkcl]);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.code(), said)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Takes a request and gives a response: their meta data, and a field that no
/// version of the protocol knows.
#[derive(Clone, PartialEq, prost::Message)]
struct Tagged {
    #[prost(message, optional, tag = "1")]
    meta: Option<Meta>,
    #[prost(string, tag = "99")]
    unknown: String,
}

/// Runs what needs a function at an address: one that gives the tag back, and
/// fails where that is "fail".
fn with_fake<T>(work: impl FnOnce(&str) -> T) -> T {
    let answer = |request: Tagged| {
        let meta = request.meta.unwrap_or_default();
        if meta.tag == "fail" {
            return Err(Status::aborted("no more"));
        }
        Ok(Tagged {
            meta: Some(meta),
            unknown: "?".to_owned(),
        })
    };
    with_function(answer, work)
}

#[test]
fn every_recorded_answer_of_function_kcl_is_ours() {
    let (exit, said) = replay(Path::new("tests/function-kcl/recorded"));
    println!("{said}");
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains(&format!("{RECORDED} answers of function-kcl ")));
    assert!(said.contains("\n0 differences\n"));
    let requests = fs::read_dir("tests/function-kcl/requests").unwrap();
    assert_eq!(requests.count(), RECORDED);
}

#[test]
fn an_answer_that_is_another_is_a_difference() {
    let folder = tempfile::tempdir().unwrap();
    for extension in ["json", "request.pb", "response.pb"] {
        // What `ready` answers in place of what `events` does.
        let name = if extension == "response.pb" {
            "ready"
        } else {
            "events"
        };
        let from = format!("tests/function-kcl/recorded/{name}.{extension}");
        // The sources may be read-only, which a copy would be, too.
        let bytes = fs::read(from).unwrap();
        fs::write(folder.path().join(format!("events.{extension}")), bytes).unwrap();
    }
    let (exit, said) = replay(folder.path());
    assert_eq!(exit, Some(1), "{said}");
    let says = "error: events: response.desired.resources: want {\"false\":";
    assert!(
        said.contains(says) && said.contains("1 differences"),
        "{said}"
    );
    fs::write(folder.path().join("events.request.pb"), [0xff; 3]).unwrap();
    let (exit, said) = replay(folder.path());
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.contains("the record events is damaged"), "{said}");
}

#[test]
fn a_record_has_the_bytes_the_json_and_who_answered() {
    let [requests, out] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let write = |name: &str, text: &str| fs::write(requests.path().join(name), text).unwrap();
    let state = "observed: {composite: {resource: {a: 1.5}, connectionDetails: {k: dg==}}}";
    write("a.yaml", &format!("# why\nmeta: {{tag: seven}}\n{state}\n"));
    write("b.json", r#"{"meta": {"tag": "fail"}}"#);
    fs::write(requests.path().join("c.pb"), b"\x0a\x03\x0a\x01x").unwrap();
    let done = with_fake(|address| record(requests.path(), address, out.path()));
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));

    let bytes = |name: &str| fs::read(out.path().join(name)).unwrap();
    let shown = |name: &str| serde_json::from_slice::<Value>(&bytes(name)).unwrap();
    let a = shown("a.json");
    assert_eq!(a["server"]["name"], "fake");
    assert_eq!(a["server"]["version"], "v7");
    let date = a["server"]["date"].as_str().unwrap();
    assert!(date.len() == 10 && date.starts_with("20"), "{date}");
    let composite = json!({"resource": {"a": 1.5}, "connectionDetails": {"k": "dg=="}});
    assert_eq!(a["request"]["observed"]["composite"], composite);
    assert_eq!(a["response"], json!({"meta": {"tag": "seven"}}));
    // Also what no version of the protocol knows.
    assert_eq!(
        bytes("a.response.pb"),
        b"\x0a\x07\x0a\x05seven\x9a\x06\x01?"
    );

    let refusal = json!({"code": "Aborted", "message": "no more"});
    assert_eq!(shown("b.json")["status"], refusal);
    assert!(!out.path().join("b.response.pb").exists());
    assert_eq!(bytes("c.request.pb"), b"\x0a\x03\x0a\x01x");
    assert_eq!(shown("c.json")["request"], json!({"meta": {"tag": "x"}}));
}

#[test]
fn our_own_server_is_refused() {
    let mut server = Command::new(binary("composition-render"))
        .args(["serve", "--insecure", "--address", "127.0.0.1:0"])
        .args(["--function", "auto-ready"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stderr = server.stderr.take().unwrap();
    BufReader::new(stderr).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("serving at ").expect(&line);
    let out = tempfile::tempdir().unwrap();
    let refused = record(
        Path::new("tests/function-kcl/requests"),
        address,
        out.path(),
    );
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("is our own (composition-render/"));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}

#[test]
fn wrong_requests_are_told_with_their_place() {
    let cases = [
        ("a.yaml", "meta: {tag: 5}\n", "a.yaml:1:1"),
        (
            "a.yaml",
            "meta: {tag: x}\ninputs: {}\n",
            "unknown field `inputs`",
        ),
        (
            "a.json",
            "{\"desired\": {\"resources\": {\"a\": {\"ready\": \"YES\"}}}}",
            "unknown variant `YES`",
        ),
        (
            "a.json",
            "{\"observed\": {\"composite\": {\"connectionDetails\": {\"a\": \"?\"}}}}",
            "\"?\" at \"a\" is no base64",
        ),
        ("a.json", "{", "a.json:1:"),
        ("a.txt", "", "holds no request"),
    ];
    for (name, text, says) in cases {
        let [requests, out] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        fs::write(requests.path().join(name), text).unwrap();
        let failed = record(requests.path(), "127.0.0.1:1", out.path());
        assert_eq!(failed.status.code(), Some(1), "{}", said(&failed));
        assert!(said(&failed).contains(says), "{}", said(&failed));
    }
    let requests = Path::new("tests/function-kcl/requests");
    let failed = record(requests, "127.0.0.1:1", requests);
    assert_eq!(failed.status.code(), Some(2), "{}", said(&failed));
}

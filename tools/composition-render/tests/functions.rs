//! Functions over gRPC: ours as Crossplane calls it, others as we call them,
//! and what becomes of a render whose function misbehaves.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
};

use support::{Meta, with_function};
use test_report::testing::{binary, libkcl};
use tonic::{
    Request, client,
    codegen::http,
    transport::{Certificate, ClientTlsConfig, Endpoint, Identity},
};
use tonic_prost::ProstCodec;

const XR: &str =
    "apiVersion: garden.example.org/v1\nkind: Orchard\nmetadata: {name: pear}\nspec: {rows: 3}\n";
const COMPOSITION: &str = r#"
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
metadata: {name: orchard}
spec:
  compositeTypeRef: {apiVersion: garden.example.org/v1, kind: Orchard}
  mode: Pipeline
  pipeline:
  - step: bed
    functionRef: {name: function-kcl}
    input:
      apiVersion: krm.kcl.dev/v1alpha1
      kind: KCLInput
      spec:
        source: |
          _rows = option("params").oxr.spec.rows
          items = [{
              apiVersion = "garden.example.org/v1alpha1"
              kind = "Bed"
              metadata.annotations = {"krm.kcl.dev/composition-resource-name" = "bed-${i}"}
              spec.rows = _rows
          } for i in range(_rows)]
"#;
const METHOD: &str = "/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction";

/// A request or response: only its meta data.
#[derive(Clone, PartialEq, prost::Message)]
struct Tagged {
    #[prost(message, optional, tag = "1")]
    meta: Option<Meta>,
}

/// A response whose field 2, the desired state, is none.
#[derive(Clone, PartialEq, prost::Message)]
struct Garbage {
    #[prost(bytes = "vec", tag = "2")]
    desired: Vec<u8>,
}

struct Served {
    process: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn serve(flags: &[&str]) -> Served {
    let mut process = Command::new(binary("composition-render"))
        .args(["serve", "--address", "127.0.0.1:0", "--libkcl"])
        .arg(libkcl())
        .args(flags)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stderr = process.stderr.take().unwrap();
    BufReader::new(stderr).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("serving at ").expect(&line);
    Served {
        address: address.to_owned(),
        process,
    }
}

/// Renders the Composition, its function at `address` unless that is empty.
fn render(address: &str, flags: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("xr.yaml", XR);
    write("composition.yaml", COMPOSITION);
    write(
        "functions.yaml",
        &format!(
            "apiVersion: pkg.crossplane.io/v1\nkind: Function\nmetadata:\n  name: function-kcl\n  \
             annotations:\n    render.crossplane.io/runtime: Development\n    \
             render.crossplane.io/runtime-development-target: {address}\nspec: {{package: x}}\n"
        ),
    );
    let mut command = Command::new(binary("composition-render"));
    command.args(["xr.yaml", "composition.yaml"]);
    if !address.is_empty() {
        command.arg("functions.yaml");
    }
    command
        .arg("--libkcl")
        .arg(libkcl())
        .args(flags)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

/// What is told of a render that fails.
fn failure(address: &str, flags: &[&str]) -> String {
    let output = render(address, flags);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(output.stdout.is_empty());
    assert!(!said.contains("panicked"), "{said}");
    assert!(said.contains("pipeline step \"bed\""), "{said}");
    assert!(said.contains("--> composition.yaml:9:5"), "{said}");
    said
}

/// An address where each connection is handled by `handle`.
fn listener(handle: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || listener.incoming().flatten().for_each(handle));
    address
}

#[test]
fn a_served_step_gives_what_it_gives_inside() {
    let served = serve(&["--insecure"]);
    let inside = render("", &[]);
    assert!(inside.status.success());
    // Compiled for the first call, still there for the second.
    for _ in 0..2 {
        let outside = render(&served.address, &[]);
        assert_eq!(
            String::from_utf8_lossy(&outside.stdout),
            String::from_utf8_lossy(&inside.stdout)
        );
    }
    let documents = String::from_utf8_lossy(&inside.stdout)
        .matches("---")
        .count();
    assert_eq!(documents, 4);
}

#[test]
fn mutual_tls_lets_in_whom_the_authority_signed() {
    let served = serve(&["--tls-certs-dir", "tests/certificates/server"]);
    assert_eq!(call(&served.address, Some("client")), Ok("7".to_owned()));
    assert!(call(&served.address, Some("stranger")).is_err());
    assert!(call(&served.address, None).is_err());
    let said = failure(&served.address, &["--timeout", "5"]);
    assert!(said.contains(&served.address), "{said}");
}

#[test]
fn without_certificates_only_an_insecure_server_starts() {
    for (flags, says) in [
        (&[][..], "--tls-certs-dir"),
        (&["--tls-certs-dir", "tests/recorded"], "tls.crt"),
        (&["--insecure", "--address", "nowhere"], "\"nowhere\""),
    ] {
        let output = Command::new(binary("composition-render"))
            .args(["serve", "--libkcl"])
            .arg(libkcl())
            .args(flags)
            .env_remove("TLS_SERVER_CERTS_DIR")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(says), "{said}");
    }
}

/// Sends a request with the tag 7; gives the response's tag.
fn call(address: &str, client: Option<&str>) -> Result<String, String> {
    let read = |file: &str| fs::read_to_string(Path::new("tests/certificates").join(file)).unwrap();
    let mut tls = ClientTlsConfig::new()
        .domain_name("localhost")
        .ca_certificate(Certificate::from_pem(read("server/ca.crt")));
    if let Some(name) = client {
        let part = |file: &str| read(&format!("{name}/{file}"));
        tls = tls.identity(Identity::from_pem(part("tls.crt"), part("tls.key")));
    }
    let endpoint = Endpoint::from_shared(format!("https://{address}")).unwrap();
    let endpoint = endpoint.tls_config(tls).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let channel = endpoint
            .connect()
            .await
            .map_err(|error| error.to_string())?;
        let mut grpc = client::Grpc::new(channel);
        grpc.ready().await.map_err(|error| error.to_string())?;
        let request = Tagged {
            meta: Some(Meta {
                tag: "7".to_owned(),
            }),
        };
        let codec = ProstCodec::<Tagged, Tagged>::default();
        let path = http::uri::PathAndQuery::from_static(METHOD);
        let answer = grpc.unary(Request::new(request), path, codec).await;
        let answer = answer.map_err(|status| status.to_string())?.into_inner();
        Ok(answer.meta.unwrap_or_default().tag)
    })
}

#[test]
fn a_function_that_is_not_there_is_told() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = unused.local_addr().unwrap().to_string();
    drop(unused);
    let said = failure(&address, &[]);
    assert!(
        said.contains("it cannot be reached (Connection refused"),
        "{said}"
    );
}

#[test]
fn a_function_that_dies_is_told() {
    let address = listener(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
    });
    let said = failure(&address, &["--timeout", "20"]);
    assert!(
        said.contains(&format!("the function at {address}")),
        "{said}"
    );
}

#[test]
fn a_function_that_hangs_is_not_waited_for() {
    let address = listener(std::mem::forget);
    let said = failure(&address, &["--timeout", "1"]);
    assert!(
        said.contains("no answer within 1 s (--timeout raises the limit)"),
        "{said}"
    );
}

#[test]
fn a_function_that_speaks_no_grpc_is_told() {
    let address = listener(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        thread::sleep(std::time::Duration::from_secs(1));
    });
    let said = failure(&address, &["--timeout", "20"]);
    assert!(
        said.contains(&format!("the function at {address}")),
        "{said}"
    );
}

#[test]
fn an_answer_that_is_garbage_is_told() {
    let answer = |_: Tagged| {
        let desired = vec![0xff; 3];
        Ok(Garbage { desired })
    };
    let said = with_function(answer, |address| failure(address, &["--timeout", "20"]));
    assert!(said.contains("failed to decode Protobuf message"), "{said}");
}

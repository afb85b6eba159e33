//! The real reconciler: `crossplane internal render`, a process of its own that
//! calls the functions over gRPC. Ours are served to it on loopback.

use std::{
    collections::BTreeMap,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::Arc,
    thread,
};

use function_pipeline::{
    AutoReady, Event, Outcome, Reconcile, ReconcileError, Reconciler, go::Object, kcl::KclFunction,
    object::annotation,
};
use prost::Message;
use prost_types::Struct;
use tokio::runtime::Runtime;
use tonic::transport::{Server, server::TcpIncoming};

use super::{
    context::{self, ContextFunction},
    convert::{from_struct, to_struct},
    messages as wire,
    serve::{Shared, services},
};
use crate::{
    evaluator::Kcl,
    failure::Failure,
    functions::{Kind, Known, in_container},
};

const NAME: &str = "crossplane.io/composition-resource-name";
/// How core's program ends when a function answered Fatal.
const FATAL: i32 = 3;

/// The real reconciler and the addresses of the functions.
pub(crate) struct Crossplane {
    binary: PathBuf,
    addresses: BTreeMap<String, String>,
    runtime: Arc<Runtime>,
}

impl Crossplane {
    /// Serves the built-in functions of `known`.
    pub(crate) fn start(
        binary: PathBuf,
        known: &Known,
        kcl: Option<Arc<Kcl>>,
        runtime: Arc<Runtime>,
    ) -> Result<Self, Failure> {
        let mut started = Self {
            binary,
            addresses: BTreeMap::new(),
            runtime,
        };
        let kcl: Option<Shared> = kcl.map(|kcl| Arc::new(KclFunction::new(kcl)) as Shared);
        for (name, kind) in known {
            let address = match (kind, &kcl) {
                (Kind::Address(address), _) => address.clone(),
                (Kind::AutoReady, _) => started.serve(Arc::new(AutoReady))?,
                (Kind::Kcl, Some(kcl)) => started.serve(kcl.clone())?,
                (Kind::Kcl, None) => continue,
                (Kind::Container { package }, _) => {
                    return Err(Failure::text(format!(
                        "function {name:?}: {}",
                        in_container(package)
                    )));
                }
            };
            started.addresses.insert(name.clone(), address);
        }
        Ok(started)
    }

    /// Serves a function on loopback; gives its address.
    fn serve(&self, function: Shared) -> Result<String, Failure> {
        let listening = self
            .runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let failed =
            |error: std::io::Error| Failure::text(format!("cannot serve on loopback: {error}"));
        let listener = listening.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (newest, beta) = services(function, usize::MAX, false);
        let server = Server::builder().add_service(newest).add_service(beta);
        self.runtime
            .spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        Ok(address.to_string())
    }

    fn request(
        &self,
        reconcile: &Reconcile,
        composition: &Object,
        context: String,
    ) -> wire::RenderRequest {
        let structs =
            |objects: &[Object]| -> Vec<Struct> { objects.iter().map(to_struct).collect() };
        let addresses = self
            .addresses
            .iter()
            .map(|(name, address)| (name.clone(), address.clone()));
        let functions = addresses.chain([(context::NAME.to_owned(), context)]);
        wire::RenderRequest {
            composite: Some(wire::CompositeInput {
                composite_resource: Some(to_struct(&reconcile.composite)),
                composition: Some(to_struct(composition)),
                functions: functions
                    .map(|(name, address)| wire::FunctionInput { name, address })
                    .collect(),
                observed_resources: structs(&reconcile.observed),
                required_resources: structs(&reconcile.required),
                credentials: structs(&reconcile.credentials),
                required_schemas: structs(reconcile.schemas.documents()),
                composite_resource_definition: reconcile.definition.as_deref().map(to_struct),
            }),
        }
    }

    fn run(&self, request: &wire::RenderRequest) -> std::io::Result<Output> {
        let mut child = Command::new(&self.binary)
            .args(["internal", "render"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        let bytes = request.encode_to_vec();
        // A program that ended early says why by its status.
        let writing = thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&bytes)));
        let output = child.wait_with_output();
        let _ = writing.join();
        output
    }
}

impl Reconciler for Crossplane {
    fn reconcile(&self, reconcile: &Reconcile) -> Result<Outcome, ReconcileError> {
        let context = ContextFunction::new(reconcile.context.clone());
        let address = self.serve(Arc::new(context.clone())).map_err(|failure| {
            let texts = failure
                .diagnostics
                .iter()
                .map(|found| found.message.clone());
            ReconcileError::Refused(texts.collect())
        })?;
        let composition = context.around(&reconcile.composition.object);
        let request = self.request(reconcile, &composition, address);
        let output = self.run(&request).map_err(|error| {
            let binary = self.binary.display();
            ReconcileError::Refused(format!("{binary} cannot be run: {error}"))
        })?;
        if !output.status.success() {
            let is_fatal = output.status.code() == Some(FATAL);
            return Err(error(&String::from_utf8_lossy(&output.stderr), is_fatal));
        }
        let response = wire::RenderResponse::decode(output.stdout.as_slice()).map_err(|error| {
            ReconcileError::Refused(format!("core's answer is unreadable: {error}"))
        })?;
        Ok(outcome(
            response.composite.unwrap_or_default(),
            context.captured(),
        ))
    }
}

fn outcome(output: wire::CompositeOutput, context: Option<Object>) -> Outcome {
    let objects = |structs: Vec<Struct>| {
        let mut objects: Vec<Object> = structs.into_iter().map(from_struct).collect();
        objects.sort_by_key(|object| annotation(object, NAME).unwrap_or_default());
        objects
    };
    let event = |event: wire::Event| Event {
        is_warning: event.r#type == "Warning",
        reason: event.reason,
        message: event.message,
    };
    Outcome {
        composite: from_struct(output.composite_resource.unwrap_or_default()),
        composed: objects(output.composed_resources),
        deleted: objects(output.deleted_resources),
        events: output.events.into_iter().map(event).collect(),
        context,
        connection_details: None,
        warnings: Vec::new(),
        steps: Vec::new(),
    }
}

/// Core's message as an error. Its program indents the lines after the first.
fn error(stderr: &str, is_fatal: bool) -> ReconcileError {
    let program = "crossplane: error: ";
    let start = stderr.find(program).map_or(0, |at| at + program.len());
    let text = stderr[start..].trim_end();
    let indent = format!("\n{}", " ".repeat(program.len()));
    let text = text.replace(&indent, "\n");
    let text = text
        .strip_prefix("cannot render composite resource: ")
        .unwrap_or(&text);
    let failed = text.strip_prefix("reconcile failed: ");
    let step = |start: &str| {
        let (_, rest) = text.split_once(start)?;
        let (step, rest) = rest.split_once('"')?;
        Some((step.to_owned(), rest))
    };
    if is_fatal
        && let Some((step, rest)) = step("pipeline step \"")
        && let Some(message) = rest.strip_prefix(" returned a fatal result: ")
    {
        return ReconcileError::Fatal {
            step,
            message: message.to_owned(),
        };
    }
    match failed {
        Some(reason) => ReconcileError::Failed {
            reason: reason.to_owned(),
            step: step("pipeline step \"").map(|(step, _)| step),
        },
        None => ReconcileError::Refused(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn cores_words_become_errors_that_say_the_same() {
        let cases = [
            (
                "crossplane: error: cannot render composite resource: cannot compose resources: pipeline step \"a\" returned a fatal result: x\n                   y\n",
                true,
                "cannot render composite resource: cannot compose resources: pipeline step \"a\" returned a fatal result: x\ny",
                Some("a"),
            ),
            (
                "crossplane: error: cannot render composite resource: reconcile failed: cannot compose resources: cannot run Composition pipeline step \"b\": no\n",
                false,
                "cannot render composite resource: reconcile failed: cannot compose resources: cannot run Composition pipeline step \"b\": no",
                Some("b"),
            ),
            (
                "crossplane: error: cannot render composite resource: invalid observed resources: x\n",
                false,
                "cannot render composite resource: invalid observed resources: x",
                None,
            ),
        ];
        for (stderr, is_fatal, text, step) in cases {
            let error = error(stderr, is_fatal);
            assert_eq!((error.to_string().as_str(), error.step()), (text, step));
        }
    }
}

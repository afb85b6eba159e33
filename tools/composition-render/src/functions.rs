//! Which function a step calls: one that is built in, or one at an address.

use std::{collections::BTreeMap, sync::Arc};

use function_pipeline::{
    AutoReady, Composition, Function, FunctionError, Functions, Step,
    go::Object,
    kcl::KclFunction,
    object::string,
    protocol::{Request, Response},
};

use crate::{
    arguments::RenderArgs,
    evaluator::Kcl,
    failure::Failure,
    files::{self, Document},
    grpc::Remote,
};

const RUNTIME: &str = "render.crossplane.io/runtime";
const TARGET: &str = "render.crossplane.io/runtime-development-target";
/// Where upstream expects a function in development.
const DEFAULT_TARGET: &str = "localhost:9443";

/// How a function is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Kcl,
    AutoReady,
    /// At a gRPC address.
    Address(String),
    /// In a container, which this tool does not run.
    Container {
        package: String,
    },
}

/// The functions that steps may call, by name.
pub(crate) type Known = BTreeMap<String, Kind>;

/// The functions of the file, or one for each step by its name.
pub(crate) fn known(args: &RenderArgs, composition: &Composition) -> Result<Known, Failure> {
    let Some(path) = &args.functions else {
        let steps = composition.spec.pipeline.iter();
        let built_in =
            steps.filter_map(|step| Some((step.function_ref.name.clone(), guess(step)?)));
        return Ok(built_in.collect());
    };
    let documents = files::documents_below(path, "functions")?;
    documents
        .iter()
        .map(|document| declared(document, args))
        .collect()
}

/// What a step's function must be, by its input and its name.
fn guess(step: &Step) -> Option<Kind> {
    let input = step.input.clone().unwrap_or_default();
    let group = string(&input, &["apiVersion"])
        .split('/')
        .next()
        .unwrap_or_default();
    let name = step.function_ref.name.as_str();
    if group == "krm.kcl.dev" || name.ends_with("function-kcl") {
        Some(Kind::Kcl)
    } else if name.ends_with("function-auto-ready") {
        Some(Kind::AutoReady)
    } else {
        None
    }
}

fn declared(document: &Document, args: &RenderArgs) -> Result<(String, Kind), Failure> {
    let function = &document.object;
    let name = string(function, &["metadata", "name"]).to_owned();
    let kind = string(function, &["kind"]);
    let group = string(function, &["apiVersion"])
        .split('/')
        .next()
        .unwrap_or_default();
    if kind != "Function" || group != "pkg.crossplane.io" {
        let message = format!("cannot load functions: not a function: {kind}/{name}");
        return Err(document
            .says(diagnostics::Diagnostic::error(message))
            .into());
    }
    let runtime = annotation(function, args, RUNTIME);
    match runtime.as_deref() {
        Some("Development") => {
            let target = annotation(function, args, TARGET).filter(|target| !target.is_empty());
            let target = target.unwrap_or_else(|| DEFAULT_TARGET.to_owned());
            Ok((name, Kind::Address(target)))
        }
        None | Some("" | "Docker") => {
            let package = string(function, &["spec", "package"]);
            Ok((name, packaged(package)))
        }
        Some(other) => {
            let message =
                format!("unsupported {RUNTIME:?} annotation value {other:?} (unknown runtime)");
            Err(document
                .says(diagnostics::Diagnostic::error(message))
                .into())
        }
    }
}

/// An annotation of a Function; the command line wins.
fn annotation(function: &Object, args: &RenderArgs, key: &str) -> Option<String> {
    let given = args
        .function_annotations
        .iter()
        .rev()
        .find(|(name, _)| name == key);
    match given {
        Some((_, value)) => Some(value.clone()),
        None => function_pipeline::object::annotation(function, key),
    }
}

/// Upstream would run the package in a container; two of them are built in.
fn packaged(package: &str) -> Kind {
    let repository = package.rsplit('/').next().unwrap_or_default();
    match repository.split([':', '@']).next().unwrap_or_default() {
        "function-kcl" => Kind::Kcl,
        "function-auto-ready" => Kind::AutoReady,
        _ => Kind::Container {
            package: package.to_owned(),
        },
    }
}

/// The functions ready to be called.
pub(crate) fn functions<'k>(
    known: &Known,
    kcl: Option<&'k Kcl>,
    args: &RenderArgs,
) -> Result<Functions<'k>, Failure> {
    let is_remote = |kind: &Kind| matches!(kind, Kind::Address(_));
    let runtime = known.values().any(is_remote).then(runtime).transpose()?;
    let timeout = args.engine.timeout;
    let mut functions = Functions::new();
    for (name, kind) in known {
        match (kind, kcl, &runtime) {
            (Kind::Kcl, Some(kcl), _) => {
                let function = KclFunction::new(kcl);
                let function = if args.out_steps.is_empty() {
                    function
                } else {
                    function.keeping_items()
                };
                functions.add(name, function);
            }
            (Kind::AutoReady, _, _) => functions.add(name, AutoReady),
            (Kind::Address(address), _, Some(runtime)) => {
                functions.add(name, Remote::new(address, runtime.clone(), timeout));
            }
            (Kind::Container { package }, _, _) => {
                functions.add(name, Unavailable(in_container(package)));
            }
            (Kind::Kcl, None, _) | (Kind::Address(_), _, None) => {}
        }
    }
    Ok(functions)
}

/// What gRPC runs on.
pub(crate) fn runtime() -> Result<Arc<tokio::runtime::Runtime>, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime
        .map(Arc::new)
        .map_err(|error| Failure::text(format!("no threads can be started: {error}")))
}

/// Why a function in a container is not called, and what to do.
pub(crate) fn in_container(package: &str) -> String {
    format!(
        "the function runs in a container ({package}), which this tool does not start; run it \
         yourself and annotate it with {RUNTIME}: Development and {TARGET}: HOST:PORT"
    )
}

/// A function that cannot be called, and why.
struct Unavailable(String);

impl Function for Unavailable {
    fn run(&self, _: &Request) -> Result<Response, FunctionError> {
        Err(FunctionError(self.0.clone()))
    }
}

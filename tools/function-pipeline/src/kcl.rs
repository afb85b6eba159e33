//! function-kcl: a step's program is evaluated with what the request brings as
//! options, and what it gives is applied to the desired state.
//!
//! The rules are those of function-kcl after 0.12.2 (`fn.go`, `render.go`,
//! `pkg/resource`), oddities included; one that is plainly a bug comes with a
//! warning.

mod input;
mod meta;
mod output;
mod program;
mod targets;

pub use input::Config;
pub use program::KclProgram;

use serde_json::Value;

use crate::{
    function::{Function, FunctionError},
    go::Object,
    merge::merge,
    object,
    protocol::{Request, Requirements, Resource, Response},
};
use input::Input;
use output::OutputError;
use targets::{Desired, Work};

/// Why a program gives no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EvaluationError(pub String);

/// What evaluates KCL.
pub trait Evaluator {
    /// Gives the program's result as JSON, one document a line.
    ///
    /// # Errors
    /// If the program has none; the text becomes part of the Fatal result.
    fn evaluate(&self, program: &KclProgram) -> Result<String, EvaluationError>;
}

impl<E: Evaluator + ?Sized> Evaluator for &E {
    fn evaluate(&self, program: &KclProgram) -> Result<String, EvaluationError> {
        (**self).evaluate(program)
    }
}

impl<E: Evaluator + ?Sized> Evaluator for std::sync::Arc<E> {
    fn evaluate(&self, program: &KclProgram) -> Result<String, EvaluationError> {
        (**self).evaluate(program)
    }
}

/// function-kcl over an evaluator.
#[derive(Debug, Clone)]
pub struct KclFunction<E> {
    evaluator: E,
    default_source: String,
    dependencies: String,
    keeps_items: bool,
}

impl<E: Evaluator> KclFunction<E> {
    /// The function with an evaluator.
    pub fn new(evaluator: E) -> Self {
        Self {
            evaluator,
            default_source: String::new(),
            dependencies: String::new(),
            keeps_items: false,
        }
    }

    /// Lets every response tell the items of the program, too.
    #[must_use]
    pub fn keeping_items(self) -> Self {
        Self {
            keeps_items: true,
            ..self
        }
    }

    /// The program of a step that has none (`FUNCTION_KCL_DEFAULT_SOURCE`).
    #[must_use]
    pub fn with_default_source(self, default_source: impl Into<String>) -> Self {
        Self {
            default_source: default_source.into(),
            ..self
        }
    }

    /// Dependencies of every step (`--dependencies`).
    #[must_use]
    pub fn with_dependencies(self, dependencies: impl Into<String>) -> Self {
        Self {
            dependencies: dependencies.into(),
            ..self
        }
    }

    /// The program of a step with this input, without its options; nothing if
    /// the input is wrong.
    pub fn program(&self, input: Option<&Object>) -> Option<KclProgram> {
        let request = Request {
            input: input.cloned(),
            ..Request::default()
        };
        let input = self.input(&request).ok()?;
        Some(KclProgram {
            options: Vec::new(),
            ..program::of(&input, &request, &Object::new())
        })
    }

    fn input(&self, request: &Request) -> Result<Input, String> {
        let mut input = Input::read(request.input.as_ref())?;
        if input.spec.source.is_empty() {
            input.spec.source.clone_from(&self.default_source);
        }
        if !self.dependencies.is_empty() {
            input.spec.dependencies = format!("{}\n{}", self.dependencies, input.spec.dependencies);
        }
        take_credentials(&mut input, request);
        input
            .check()
            .map_err(|error| format!("invalid function input: {error}"))?;
        Ok(input)
    }
}

/// The credentials named kcl-registry count if they hold a password.
fn take_credentials(input: &mut Input, request: &Request) {
    let Some(data) = request.credentials.get("kcl-registry") else {
        return;
    };
    let text = |key: &str| {
        data.get(key)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let Some(password) = text("password") else {
        return;
    };
    let credentials = &mut input.spec.credentials;
    credentials.password = password;
    if let Some(username) = text("username") {
        credentials.username = username;
    }
    if let Some(url) = text("url") {
        credentials.url = url;
    }
}

impl<E: Evaluator> Function for KclFunction<E> {
    fn run(&self, request: &Request) -> Result<Response, FunctionError> {
        let mut response = Response::to(request);
        let input = match self.input(request) {
            Ok(input) => input,
            Err(error) => return Ok(response.fatal(error)),
        };
        let mut work = Work {
            composite: desired_composite(request),
            details: desired_details(request),
            desired: desired_resources(request),
            ..Work::default()
        };
        let program = program::of(&input, request, &work.composite);
        let output::Objects { objects, warnings } = match self.objects(&program) {
            Ok(objects) => objects,
            Err(OutputError::Fatal(error)) => return Ok(response.fatal(error)),
            Err(OutputError::Dies(error)) => return Err(FunctionError(error)),
        };
        work.warnings = warnings;
        response.items = self.keeps_items.then(|| objects.clone());
        let bases = &input.spec.resources;
        if let Err(error) = check_bases(bases)? {
            return Ok(response.fatal(error));
        }
        let observed = observed_composite(request).cloned().unwrap_or_default();
        let applied = work.apply(input.target(), objects, bases, &observed);
        Ok(finish(response, work, applied, request))
    }
}

impl<E: Evaluator> KclFunction<E> {
    fn objects(&self, program: &KclProgram) -> Result<output::Objects, OutputError> {
        let json = self.evaluator.evaluate(program).map_err(|error| {
            OutputError::Fatal(format!("failed to run kcl function pipelines: {error}"))
        })?;
        output::objects(&json)
    }
}

/// A base that is missing ends the function's process, whatever the target; one
/// that is no object is Fatal.
fn check_bases(bases: &[input::Base]) -> Result<Result<(), String>, FunctionError> {
    for base in bases {
        match &base.base {
            None => {
                return Err(FunctionError(format!(
                    "spec.resources: the entry {:?} has no base: function-kcl panics and its \
                     process ends",
                    base.name
                )));
            }
            Some(Value::Object(_) | Value::Null) => {}
            Some(other) => {
                let kind = crate::go::json_kind(other);
                return Ok(Err(format!(
                    "cannot parse data resources from the pipeline output in \
                     *v1.RunFunctionResponse: json: cannot unmarshal {kind} into Go value of type \
                     map[string]interface {{}}"
                )));
            }
        }
    }
    Ok(Ok(()))
}

fn observed_composite(request: &Request) -> Option<&Object> {
    let composite = request.observed.composite.as_ref();
    composite.map(|composite| &composite.object)
}

/// The desired XR, which always says its apiVersion and kind.
fn desired_composite(request: &Request) -> Object {
    let composite = request.desired.composite.as_ref();
    let mut desired = composite
        .map(|composite| composite.object.clone())
        .unwrap_or_default();
    let observed = observed_composite(request);
    for key in ["apiVersion", "kind"] {
        let text = observed.map_or("", |observed| object::string(observed, &[key]));
        desired.insert(key.to_owned(), Value::from(text));
    }
    desired
}

fn desired_details(request: &Request) -> crate::protocol::Details {
    let composite = request.desired.composite.as_ref();
    composite
        .map(|composite| composite.connection_details.clone())
        .unwrap_or_default()
}

fn desired_resources(request: &Request) -> std::collections::BTreeMap<String, Desired> {
    let resources = request.desired.resources.iter();
    let desired = |(name, resource): (&String, &Resource)| {
        let desired = Desired {
            object: resource.object.clone(),
            ready: resource.ready,
        };
        (name.clone(), desired)
    };
    resources.map(desired).collect()
}

/// The response to what the step came to.
fn finish(
    mut response: Response,
    work: Work,
    applied: Result<(), String>,
    request: &Request,
) -> Response {
    response.warnings = [work.warnings, work.meta.warnings.clone()].concat();
    if let Err(error) = applied {
        return response.fatal(format!(
            "cannot process xr and state with the pipeline output in *v1.RunFunctionResponse: {error}"
        ));
    }
    let meta = work.meta;
    if meta.requirements != Requirements::default() {
        response.requirements = Some(meta.requirements);
    }
    let (conditions, error) = meta::conditions(meta.conditions.entries());
    response.conditions = conditions;
    if let Some(error) = error {
        return response.fatal(error);
    }
    let (results, error) = meta::events(meta.events.entries());
    response.results = results;
    if let Some(error) = error {
        return response.fatal(error);
    }
    if !meta.context.is_empty() {
        let mut context = request.context.clone().unwrap_or_default();
        merge(&mut context, meta.context);
        response.context = Some(context);
    }
    response.desired.composite = Some(Resource {
        object: work.composite,
        connection_details: work.details,
        ..Resource::default()
    });
    for (name, desired) in work.desired {
        let resource = Resource {
            object: desired.object,
            ready: desired.ready,
            ..Resource::default()
        };
        response.desired.resources.insert(name, resource);
    }
    response
}

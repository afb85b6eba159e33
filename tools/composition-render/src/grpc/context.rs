//! The function by which the real reconciler is given a context before the
//! first step and asked for it after the last (the CLI's `contextfn`).

use std::sync::{Arc, Mutex, PoisonError};

use function_pipeline::{
    Function, FunctionError,
    go::Object,
    object::string,
    protocol::{Request, Response},
};
use serde_json::{Value, json};

/// Its name in the pipeline.
pub(super) const NAME: &str = "crossplane-render-context";
const SEED: &str = "crossplane-render-inject-context";
const CAPTURE: &str = "crossplane-render-extract-context";

/// Gives the seed, keeps what it is shown.
#[derive(Debug, Clone, Default)]
pub(super) struct ContextFunction {
    seed: Object,
    captured: Arc<Mutex<Option<Object>>>,
}

impl ContextFunction {
    pub(super) fn new(seed: Object) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    /// The context after the last step.
    pub(super) fn captured(&self) -> Option<Object> {
        let captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
        captured.clone()
    }

    /// The composition with a step before and one after its own.
    pub(super) fn around(&self, composition: &Object) -> Object {
        let mut composition = composition.clone();
        let pipeline = composition
            .get_mut("spec")
            .and_then(|spec| spec.get_mut("pipeline"))
            .and_then(Value::as_array_mut);
        if let Some(pipeline) = pipeline {
            if !self.seed.is_empty() {
                pipeline.insert(0, step(SEED, "Seed"));
            }
            pipeline.push(step(CAPTURE, "Capture"));
        }
        composition
    }
}

fn step(name: &str, mode: &str) -> Value {
    json!({"step": name, "functionRef": {"name": NAME}, "input": {"mode": mode}})
}

impl Function for ContextFunction {
    fn run(&self, request: &Request) -> Result<Response, FunctionError> {
        let mut response = Response::to(request);
        let mode = request.input.as_ref().map(|input| string(input, &["mode"]));
        if mode == Some("Seed") {
            let mut context = request.context.clone().unwrap_or_default();
            context.extend(self.seed.clone());
            response.context = Some(context);
        } else {
            let mut captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
            captured.clone_from(&request.context);
        }
        Ok(response)
    }
}

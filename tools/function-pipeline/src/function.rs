//! What a pipeline calls: functions by name.

use std::collections::BTreeMap;

use crate::protocol::{Request, Response};

/// Why a function gave no response at all. A response with a Fatal result is
/// no such error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FunctionError(pub String);

/// A composition function.
pub trait Function {
    /// Runs it.
    ///
    /// # Errors
    /// If it gives no response.
    fn run(&self, request: &Request) -> Result<Response, FunctionError>;
}

/// Functions by the name that a step's `functionRef` has.
#[derive(Default)]
pub struct Functions<'f>(BTreeMap<String, Box<dyn Function + Send + Sync + 'f>>);

impl<'f> Functions<'f> {
    /// No functions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn add(&mut self, name: impl Into<String>, function: impl Function + Send + Sync + 'f) {
        self.0.insert(name.into(), Box::new(function));
    }

    /// Runs the function of that name.
    pub(crate) fn run(&self, name: &str, request: &Request) -> Result<Response, FunctionError> {
        match self.0.get(name) {
            Some(function) => function.run(request),
            None => Err(FunctionError(format!(
                "unknown function {name:?} - is it listed in the render input?"
            ))),
        }
    }
}

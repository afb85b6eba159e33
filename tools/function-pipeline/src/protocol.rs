//! The function protocol (`apiextensions.fn.proto.v1`) as plain data. Maps are
//! ordered, so that equal requests are equal bytes.

use std::{collections::BTreeMap, sync::Arc};

use crate::go::Object;

/// Connection details, or a secret's data.
pub type Details = BTreeMap<String, Vec<u8>>;

/// `RunFunctionRequest`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// What exists; every step sees the same.
    pub observed: Arc<State>,
    /// What the functions before desire.
    pub desired: State,
    /// The step's input.
    pub input: Option<Object>,
    /// What the functions before left for later ones.
    pub context: Option<Object>,
    /// What was asked for as extra resources; none for one that was not found by name.
    pub extra_resources: BTreeMap<String, Option<Vec<Object>>>,
    /// What was asked for as required resources; none for one that was not found by name.
    pub required_resources: BTreeMap<String, Option<Vec<Object>>>,
    /// Schemas that were asked for; none for one that was not found.
    pub required_schemas: BTreeMap<String, Option<Object>>,
    /// Data of the step's credentials.
    pub credentials: BTreeMap<String, Details>,
}

/// `RunFunctionResponse`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Response {
    /// What is desired from here on.
    pub desired: State,
    /// What to tell.
    pub results: Vec<FunctionResult>,
    /// What to leave for later functions.
    pub context: Option<Object>,
    /// What the function wants to see; it is called again with it.
    pub requirements: Option<Requirements>,
    /// Conditions of the XR.
    pub conditions: Vec<FunctionCondition>,
    /// Seconds until the function should be called again.
    pub ttl_seconds: u64,
    /// Oddities of the function that the author should know of. Not upstream's:
    /// they come from our own functions only.
    pub warnings: Vec<String>,
    /// The items of the step's program, if the function was asked to keep them.
    /// Not upstream's either.
    pub items: Option<Vec<Object>>,
}

/// The XR and its composed resources.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The XR.
    pub composite: Option<Resource>,
    /// Composed resources by composition resource name.
    pub resources: BTreeMap<String, Resource>,
}

/// One resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource {
    /// The object.
    pub object: Object,
    /// Its connection details.
    pub connection_details: Details,
    /// Whether it is ready; of desired ones only.
    pub ready: Ready,
}

impl Resource {
    /// A resource without details and readiness.
    pub fn new(object: Object) -> Self {
        Self {
            object,
            ..Self::default()
        }
    }
}

/// What a function says of a resource's readiness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ready {
    /// Nothing.
    #[default]
    Unspecified,
    /// It is ready.
    True,
    /// It is not.
    False,
}

/// What a function tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionResult {
    /// How much it weighs.
    pub severity: Severity,
    /// What.
    pub message: String,
    /// A machine's word for it.
    pub reason: Option<String>,
    /// Who is told.
    pub target: Target,
}

/// How much a result weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// A value that this version does not know.
    Unspecified,
    /// The pipeline stops.
    Fatal,
    /// A warning event.
    Warning,
    /// A normal event.
    Normal,
}

/// Whom a result or condition concerns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Target {
    /// The XR.
    #[default]
    Composite,
    /// The XR and its claim.
    CompositeAndClaim,
}

/// A condition that a function sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionCondition {
    /// Its type.
    pub condition_type: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// A machine's word for it.
    pub reason: String,
    /// A sentence.
    pub message: Option<String>,
    /// Whom it concerns.
    pub target: Target,
}

/// What a function wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    /// Extra resources, upstream's deprecated form.
    pub extra_resources: BTreeMap<String, Selector>,
    /// Required resources.
    pub resources: BTreeMap<String, Selector>,
    /// OpenAPI schemas by apiVersion and kind.
    pub schemas: BTreeMap<String, (String, String)>,
}

/// Which resources are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Their apiVersion.
    pub api_version: String,
    /// Their kind.
    pub kind: String,
    /// Which of them.
    pub matching: Match,
    /// In which namespace.
    pub namespace: Option<String>,
}

/// Which resources of a kind are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Match {
    /// All.
    #[default]
    All,
    /// The one of this name.
    Name(String),
    /// All that have these labels.
    Labels(BTreeMap<String, String>),
}

impl Response {
    /// A response that passes on what the request brought
    /// (`response.To` of function-sdk-go).
    pub fn to(request: &Request) -> Self {
        Self {
            desired: request.desired.clone(),
            context: request.context.clone(),
            ttl_seconds: 60,
            ..Self::default()
        }
    }

    /// The same response with a Fatal result.
    #[must_use]
    pub fn fatal(mut self, message: impl Into<String>) -> Self {
        self.results.push(FunctionResult {
            severity: Severity::Fatal,
            message: message.into(),
            reason: None,
            target: Target::Composite,
        });
        self
    }

    /// The message of the first Fatal result.
    pub fn fatal_message(&self) -> Option<&str> {
        self.results
            .iter()
            .find(|result| result.severity == Severity::Fatal)
            .map(|result| result.message.as_str())
    }
}

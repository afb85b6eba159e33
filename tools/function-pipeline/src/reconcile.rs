//! One reconcile as a value in and a value out.

use std::sync::Arc;

use crate::{composition::Composition, go::Object, protocol::Details, schemas::Schemas};

/// Everything that one reconcile sees.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reconcile {
    /// The XR.
    pub composite: Object,
    /// Its Composition, which many XRs share.
    pub composition: Arc<Composition>,
    /// Composed resources that exist.
    pub observed: Vec<Object>,
    /// Resources that functions may require.
    pub required: Vec<Object>,
    /// Secrets that steps name as credentials.
    pub credentials: Vec<Object>,
    /// What the context holds before the first step.
    pub context: Object,
    /// The XRD of the XR.
    pub definition: Option<Arc<Object>>,
    /// OpenAPI documents that functions may require schemas of.
    pub schemas: Schemas,
}

/// What a reconcile does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// The XR: its references, its status.
    pub composite: Object,
    /// Composed resources as they are applied, by composition resource name.
    pub composed: Vec<Object>,
    /// Composed resources that are deleted, by composition resource name.
    pub deleted: Vec<Object>,
    /// What is told, in order.
    pub events: Vec<Event>,
    /// What the context holds after the last step; none if it returned none.
    pub context: Option<Object>,
    /// The XR's connection details; none if the reconciler does not tell.
    pub connection_details: Option<Details>,
    /// Oddities that are reproduced and that the author should know of.
    pub warnings: Vec<Warning>,
    /// What each step's program gave, if its function was asked to tell.
    pub steps: Vec<StepItems>,
}

/// The items of a step's program, before the function applied them.
#[derive(Debug, Clone, PartialEq)]
pub struct StepItems {
    /// The step.
    pub step: String,
    /// Its items.
    pub items: Vec<Object>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Whether it warns.
    pub is_warning: bool,
    /// A machine's word for it.
    pub reason: String,
    /// A sentence.
    pub message: String,
}

impl Event {
    pub(crate) fn normal(reason: &str, message: impl Into<String>) -> Self {
        Self {
            is_warning: false,
            reason: reason.to_owned(),
            message: message.into(),
        }
    }

    pub(crate) fn warning(reason: &str, message: impl Into<String>) -> Self {
        Self {
            is_warning: true,
            ..Self::normal(reason, message)
        }
    }

    /// `Normal` or `Warning`.
    pub fn severity(&self) -> &'static str {
        if self.is_warning { "Warning" } else { "Normal" }
    }
}

/// An oddity in what a step gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The step.
    pub step: String,
    /// What is odd, and what to do.
    pub message: String,
}

/// Why a reconcile gives nothing. The texts are core's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    /// What was handed in does not fit together.
    #[error("cannot render composite resource: {0}")]
    Refused(String),
    /// Something went wrong on the way.
    #[error("cannot render composite resource: reconcile failed: {reason}")]
    Failed {
        /// What.
        reason: String,
        /// The step whose doing it is, if it is one's.
        step: Option<String>,
    },
    /// A function answered Fatal.
    #[error(
        "cannot render composite resource: cannot compose resources: pipeline step {} returned a \
         fatal result: {message}", crate::go::quoted(.step)
    )]
    Fatal {
        /// The step.
        step: String,
        /// The function's words.
        message: String,
    },
}

impl ReconcileError {
    /// The step whose doing it is, if it is one's.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Refused(_) => None,
            Self::Failed { step, .. } => step.as_deref(),
            Self::Fatal { step, .. } => Some(step),
        }
    }
}

/// What reconciles.
pub trait Reconciler {
    /// Reconciles once.
    ///
    /// # Errors
    /// If a function fails or answers Fatal, or if what it sees is refused.
    fn reconcile(&self, reconcile: &Reconcile) -> Result<Outcome, ReconcileError>;
}

//! What KCL schemas say of samples: a program that makes an instance of a kind's
//! schema out of an option, run with one sample after the other.

use crate::sample::{Sample, Verdict};
use crd_models::kcl::names;
use diagnostics::{Diagnostic, Severity};
use kcl_engine::cli::EngineArgs;
use kcl_engine::{Argument, Engine, EngineError, Program, Source};
use kube_schema::validate::with_whole_integers;
use serde_json::{Number, Value};
use std::num::NonZeroUsize;

/// The variable and the option of the program.
const INSTANCE: &str = "instance";
const SAMPLE: &str = "sample";

/// The verdicts, in the order of the samples, which stand kind by kind.
pub(crate) fn verdicts(
    samples: &[Sample],
    models: &str,
    arguments: &EngineArgs,
) -> Result<Vec<Verdict>, Diagnostic> {
    let judge = Judge {
        engine: arguments.engine().map_err(first)?,
        models,
        arguments,
    };
    let kinds: Vec<&[Sample]> = samples.chunk_by(Sample::is_same_kind).collect();
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let found = parallel::map(threads, &kinds, |kind| judge.kind(kind));
    let found: Result<Vec<_>, _> = found.into_iter().collect();
    Ok(found?.into_iter().flatten().collect())
}

struct Judge<'a> {
    engine: Engine,
    models: &'a str,
    arguments: &'a EngineArgs,
}

impl Judge<'_> {
    /// The verdicts on samples of one kind.
    fn kind(&self, samples: &[Sample]) -> Result<Vec<Verdict>, Diagnostic> {
        let Some(one) = samples.first() else {
            return Ok(Vec::new());
        };
        let mut template = self.engine.template(self.program(one), INSTANCE);
        let mut found = Vec::new();
        for (index, sample) in samples.iter().enumerate() {
            if template.is_spent() {
                template = self.engine.template(self.program(one), INSTANCE);
            }
            let option = Argument {
                name: SAMPLE.to_owned(),
                value: as_kcl_takes_it(sample).to_string(),
            };
            let is_last = index + 1 == samples.len();
            // Why a valid one is refused has to be told.
            let made = if sample.valid {
                template.run(&[option], is_last).map(Some)
            } else {
                template.result(&[option], is_last)
            };
            found.push(verdict(sample, made)?);
        }
        Ok(found)
    }

    fn program(&self, kind: &Sample) -> Program {
        let (group, version) = kind.group_version();
        let full_name = format!("{group}.{version}.{}", kind.kind);
        let text = format!(
            "import {models}.models.{folder}.{module} as models\n\
             {INSTANCE} = models.{schema} {{**option({SAMPLE:?})}}\n",
            models = self.models,
            folder = names::folder_of(version),
            module = names::module_of(&full_name),
            schema = names::root_of(&kind.kind),
        );
        Program {
            root: ".".into(),
            sources: vec![Source {
                path: "sample.k".into(),
                text: Some(text),
            }],
            packages: self.arguments.packages.clone(),
            ..Program::default()
        }
    }
}

/// A run that gives an instance takes the sample, if nothing of it is lost.
fn verdict(
    sample: &Sample,
    made: Result<Option<String>, EngineError>,
) -> Result<Verdict, Diagnostic> {
    let (accepted, message) = match made {
        Ok(Some(json)) => (true, lost(sample, &json)),
        Ok(None) => (false, None),
        Err(error @ (EngineError::Program(_) | EngineError::Stopped { .. })) => {
            (false, Some(first(error).message))
        }
        Err(error) => return Err(first(error)),
    };
    Ok(Verdict {
        id: sample.id.clone(),
        accepted,
        message,
    })
}

/// What of a sample is not in the instance that was made of it.
fn lost(sample: &Sample, json: &str) -> Option<String> {
    let made: Value = match serde_json::from_str(json) {
        Ok(made) => made,
        Err(error) => return Some(format!("the instance is no JSON: {error}")),
    };
    let made = made.get(INSTANCE).unwrap_or(&made);
    difference(&sample.object, made, &mut String::new())
        .map(|path| format!("the instance has another value at {path}"))
}

/// Where the second value lacks something of the first one.
fn difference(given: &Value, made: &Value, path: &mut String) -> Option<String> {
    let length = path.len();
    let mut below = |step: &str, given: &Value, made: &Value| {
        path.push_str(step);
        let found = difference(given, made, path);
        path.truncate(length);
        found
    };
    match (given, made) {
        (Value::Object(given), Value::Object(made)) => {
            // KCL keeps what begins with _ to itself.
            let mut shown = given.iter().filter(|(key, _)| !key.starts_with('_'));
            shown.find_map(|(key, value)| {
                let made = made.get(key).unwrap_or(&Value::Null);
                below(&format!(".{key}"), value, made)
            })
        }
        (Value::Array(given), Value::Array(made)) if given.len() == made.len() => {
            let mut pairs = given.iter().zip(made).enumerate();
            pairs.find_map(|(index, (given, made))| below(&format!("[{index}]"), given, made))
        }
        (Value::Number(given), Value::Number(made)) if is_as_written(given, made) => None,
        _ if given == made => None,
        _ => Some(path.trim_start_matches('.').to_owned()),
    }
}

/// KCL writes floats with about ten digits.
fn is_as_written(given: &Number, made: &Number) -> bool {
    let (given, made) = (given.as_f64(), made.as_f64());
    given
        .zip(made)
        .is_some_and(|(given, made)| (given - made).abs() <= 1e-9 * given.abs().max(1.0))
}

/// The resource of a sample; of one that shows a 1.0 where there has to be an
/// integer with 1 in its place, which is the same number to the API server and
/// the only one to KCL.
fn as_kcl_takes_it(sample: &Sample) -> Value {
    match sample.id.ends_with("-whole-float") {
        true => with_whole_integers(&sample.object),
        false => sample.object.clone(),
    }
}

fn first(error: EngineError) -> Diagnostic {
    let mut diagnostics = error.into_diagnostics();
    let worst = diagnostics
        .iter()
        .position(|diagnostic| diagnostic.severity == Severity::Error);
    match worst {
        Some(index) => diagnostics.swap_remove(index),
        None => Diagnostic::error("KCL failed and does not say why"),
    }
}

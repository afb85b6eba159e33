//! `composition-render replay`: our functions against recorded answers.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use clap::Parser;
use diagnostics::Diagnostic;
use prost::Message;
use serde_json::Value;

use super::{
    convert,
    messages::{RunFunctionRequest, RunFunctionResponse},
    recording::{Raw, Recording},
    remote::{send, shown},
    serve::{FunctionArgs, Shared},
};
use crate::{failure::Failure, functions};

/// Compare our functions with recorded answers.
///
/// Runs each request that `record` kept through the function and compares the
/// answer with the one that came, field by field; how a call that failed is told
/// may differ.
#[derive(Debug, Parser)]
#[command(
    name = "composition-render replay",
    version,
    after_help = "\
Example:
  composition-render replay recorded/

Exit codes: 0 no difference, 1 differences or an unreadable record, 2 wrong usage."
)]
pub(crate) struct ReplayArgs {
    /// Folder that `record` wrote
    #[arg(value_name = "RECORDED")]
    recorded: PathBuf,
    /// Ask the function at this address in place of ours
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
    #[command(flatten)]
    function: FunctionArgs,
}

/// What answers.
enum Function {
    Ours(Shared),
    At(String, Duration),
}

/// Compares every record; says how many there are and where they differ.
pub(crate) fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    let recordings = Recording::read_all(&args.recorded)?;
    if recordings.is_empty() {
        return Err(Failure::text(format!(
            "{} holds no record: no file ends in .request.pb",
            args.recorded.display()
        )));
    }
    let function = match &args.address {
        None => Function::Ours(args.function.function()?),
        Some(address) => {
            let timeout = args.function.engine.timeout;
            Function::At(address.clone(), timeout)
        }
    };
    let mut servers: BTreeMap<String, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    for recording in &recordings {
        let server = &recording.server;
        let who = format!("{} {} ({})", server.name, server.version, server.date);
        *servers.entry(who).or_default() += 1;
        if let Some(difference) = difference(recording, &function)? {
            let name = &recording.name;
            differences.push(Diagnostic::error(format!("{name}: {difference}")));
        }
    }
    for (server, count) in servers {
        println!("{count} answers of {server}");
    }
    println!("{} differences", differences.len());
    if differences.is_empty() {
        return Ok(());
    }
    Err(Failure {
        exit: diagnostics::Exit::CheckFailed,
        diagnostics: differences,
    })
}

/// The first difference between what was recorded and what comes now.
fn difference(recording: &Recording, function: &Function) -> Result<Option<String>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::text(format!("the record {} is damaged: {error}", recording.name))
    };
    let now = match function {
        Function::Ours(function) => ours(recording, function).map_err(|error| wrong(&error))?,
        Function::At(address, timeout) => theirs(recording, address, *timeout)?,
    };
    let json = |response: RunFunctionResponse| {
        serde_json::to_value(response).map_err(|error| wrong(&error))
    };
    match (&recording.answer, now) {
        (Err(_), Err(_)) => Ok(None),
        (Err(refusal), Ok(_)) => Ok(Some(format!(
            "want a call that fails ({}: {}), got an answer",
            refusal.code, refusal.message
        ))),
        (Ok(_), Err(error)) => Ok(Some(format!("want an answer, got: {error}"))),
        (Ok(bytes), Ok(now)) => {
            let want = RunFunctionResponse::decode(bytes.as_slice());
            let want = json(want.map_err(|error| wrong(&error))?)?;
            Ok(first_difference("response", &want, &json(now)?))
        }
    }
}

type Answer = Result<RunFunctionResponse, String>;

fn ours(recording: &Recording, function: &Shared) -> Result<Answer, prost::DecodeError> {
    let message = RunFunctionRequest::decode(recording.request.as_slice())?;
    let tag = message.meta.clone().unwrap_or_default().tag;
    let answer = function.run(&convert::request_from_wire(message));
    Ok(answer
        .map(|response| convert::response_to_wire(response, tag))
        .map_err(|error| error.to_string()))
}

fn theirs(recording: &Recording, address: &str, timeout: Duration) -> Result<Answer, Failure> {
    let runtime = functions::runtime()?;
    let request = recording.request.clone();
    let sent = runtime.block_on(send(address, timeout, || Raw, request));
    let sent =
        sent.map_err(|error| Failure::text(format!("the function at {address}: {error}")))?;
    Ok(sent.map_err(|status| shown(&status)).and_then(|response| {
        RunFunctionResponse::decode(response.into_inner().as_slice())
            .map_err(|error| error.to_string())
    }))
}

/// Where two values first differ, and how.
fn first_difference(path: &str, want: &Value, got: &Value) -> Option<String> {
    match (want, got) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().find_map(|key| {
                let path = format!("{path}.{key}");
                match (a.get(key), b.get(key)) {
                    (Some(want), Some(got)) => first_difference(&path, want, got),
                    (Some(want), None) => Some(format!("{path}: want {want}, got nothing")),
                    (None, got) => got.map(|got| format!("{path}: want nothing, got {got}")),
                }
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(index, (want, got))| {
                first_difference(&format!("{path}[{index}]"), want, got)
            })
        }
        _ if want == got => None,
        _ => Some(format!("{path}: want {want}, got {got}")),
    }
}

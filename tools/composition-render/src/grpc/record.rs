//! `composition-render record`: what a function at an address answers to
//! requests, kept as the truth that ours is compared with.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use diagnostics::{Diagnostic, Exit};
use prost::Message;
use tonic::metadata::MetadataMap;

use super::{
    SERVER, SERVER_HEADER,
    messages::RunFunctionRequest,
    recording::{Answer, Raw, Recording, Refusal, Server},
    remote::send,
};
use crate::{failure::Failure, files, functions};

/// Record what a function at an address answers.
///
/// Sends each request of a folder and keeps the messages as they went over the
/// wire (NAME.request.pb, NAME.response.pb) and as JSON, with who answered and
/// when (NAME.json). A request is a RunFunctionRequest in protobuf's JSON (.json,
/// .yaml, .yml) or its bytes (.pb). The protocol has no names of servers, so you
/// say them. composition-render's own server is refused.
#[derive(Debug, Parser)]
#[command(
    name = "composition-render record",
    disable_version_flag = true,
    after_help = "\
Example:
  composition-render record requests/ --address localhost:9443 \\
      --server function-kcl --server-version v0.12.2 --out recorded/
  composition-render replay recorded/

Exit codes: 0 recorded, 1 a request is wrong or the server does not answer, 2 wrong usage, or
the server is composition-render's own."
)]
pub(crate) struct RecordArgs {
    /// Folder of requests
    #[arg(value_name = "REQUESTS")]
    requests: PathBuf,
    /// Where the function is served, without transport security
    #[arg(long, value_name = "HOST:PORT")]
    address: String,
    /// What is served there
    #[arg(long, value_name = "NAME")]
    server: String,
    /// And in which version
    #[arg(long, value_name = "VERSION")]
    server_version: String,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How long to wait for an answer
    #[arg(long, default_value = "60", value_name = "TIME", value_parser = kcl_engine::cli::duration)]
    timeout: Duration,
}

/// Records every request of the folder.
pub(crate) fn record(args: &RecordArgs) -> Result<(), Failure> {
    let requests = requests(&args.requests)?;
    let cannot = |error: std::io::Error| {
        Failure::text(format!(
            "{} cannot be written to: {error}",
            args.out.display()
        ))
    };
    fs::create_dir_all(&args.out).map_err(cannot)?;
    if fs::canonicalize(&args.out).ok() == fs::canonicalize(&args.requests).ok() {
        return Err(wrong_usage(
            "--out is the folder of the requests, which the records would replace",
        ));
    }
    let server = Server {
        name: args.server.clone(),
        version: args.server_version.clone(),
        date: today(SystemTime::now()),
    };
    let runtime = functions::runtime()?;
    let count = requests.len();
    let mut died = false;
    for (name, request) in requests {
        let answer = runtime.block_on(ask(args, request.clone(), died))?;
        died = answer.is_err();
        let recording = Recording {
            name,
            server: server.clone(),
            request,
            answer,
        };
        recording.write(&args.out)?;
    }
    println!(
        "{count} answers of {} {} recorded in {}",
        server.name,
        server.version,
        args.out.display()
    );
    Ok(())
}

/// The answer to one request, unless it is our own server's. A function that
/// died of the last request is waited for: it may still be about to end, and
/// something may start it again.
async fn ask(args: &RecordArgs, request: Vec<u8>, died: bool) -> Result<Answer, Failure> {
    const PAUSE: Duration = Duration::from_secs(1);
    let timeout = args.timeout;
    let address = &args.address;
    let sending = async {
        if died {
            tokio::time::sleep(PAUSE).await;
        }
        loop {
            match send(address, timeout, || Raw, request.clone()).await {
                Err(_) if died => tokio::time::sleep(PAUSE).await,
                sent => return sent,
            }
        }
    };
    let sent = tokio::time::timeout(timeout, sending);
    let sent = sent.await.map_err(|_| {
        Failure::text(format!(
            "the function at {address} gives no answer within {} s (--timeout raises the limit)",
            args.timeout.as_secs_f64()
        ))
    })?;
    let answer =
        sent.map_err(|error| Failure::text(format!("the function at {address}: {error}")))?;
    let headers = match &answer {
        Ok(response) => response.metadata(),
        Err(status) => status.metadata(),
    };
    refuse_own(address, headers)?;
    Ok(match answer {
        Ok(response) => Ok(response.into_inner()),
        Err(status) => Err(Refusal {
            code: format!("{:?}", status.code()),
            message: status.message().to_owned(),
        }),
    })
}

fn refuse_own(address: &str, headers: &MetadataMap) -> Result<(), Failure> {
    let server = headers.get(SERVER_HEADER);
    match server.and_then(|name| name.to_str().ok()) {
        Some(name) if name.starts_with(SERVER) => {
            let message = format!("the server at {address} is our own ({name})");
            let hint = "its answers would prove nothing: start the function that ours follows";
            Err(Failure {
                exit: Exit::Usage,
                ..Failure::new(Diagnostic::error(message).hint(hint))
            })
        }
        _ => Ok(()),
    }
}

fn wrong_usage(message: &str) -> Failure {
    Failure {
        exit: Exit::Usage,
        ..Failure::text(message)
    }
}

/// The requests of a folder as bytes, by name.
fn requests(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::text(format!("{} cannot be read: {error}", path.display()))
    };
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let request = match extension {
            Some("json" | "yaml" | "yml") => written(&path)?,
            Some("pb") => fs::read(&path).map_err(|error| unreadable(&path, &error))?,
            _ => continue,
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if found.insert(name.clone().into_owned(), request).is_some() {
            return Err(Failure::text(format!(
                "{}: two requests are called {name}; rename one",
                folder.display()
            )));
        }
    }
    if found.is_empty() {
        return Err(Failure::text(format!(
            "{} holds no request: no file ends in .json, .yaml, .yml or .pb",
            folder.display()
        )));
    }
    Ok(found)
}

/// A request in protobuf's JSON.
fn written(path: &Path) -> Result<Vec<u8>, Failure> {
    let document = files::document(path, "a request")?;
    let value = serde_json::Value::Object(document.object.clone());
    let request: RunFunctionRequest = serde_json::from_value(value).map_err(|error| {
        document.says(Diagnostic::error(format!(
            "this is no RunFunctionRequest: {error}"
        )))
    })?;
    Ok(request.encode_to_vec())
}

/// The day of a time, in UTC (days to civil date, after Howard Hinnant).
fn today(now: SystemTime) -> String {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let days = since.as_secs() / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_day() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_761_599, "2026-12-31"),
            (1_798_761_600, "2027-01-01"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(today(UNIX_EPOCH + Duration::from_secs(seconds)), day);
        }
    }
}

//! A recorded call of a function: what was sent, what came back, from whom.
//!
//! `NAME.request.pb` and `NAME.response.pb` are the messages as they went over
//! the wire; `NAME.json` shows both, and says who answered and when.

use std::{fs, io, path::Path};

use prost::Message;
use serde::{Deserialize, Serialize};

use super::messages::{RunFunctionRequest, RunFunctionResponse};
use crate::{failure::Failure, output};

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Server {
    pub(super) name: String,
    pub(super) version: String,
    /// The day of the recording, `2026-11-26`.
    pub(super) date: String,
}

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
}

/// What came back: a response's bytes, or why there is none.
pub(super) type Answer = Result<Vec<u8>, Refusal>;

/// One call.
pub(super) struct Recording {
    pub(super) name: String,
    pub(super) server: Server,
    pub(super) request: Vec<u8>,
    pub(super) answer: Answer,
}

/// The file that shows a call.
#[derive(Serialize)]
struct Shown {
    server: Server,
    request: RunFunctionRequest,
    #[serde(flatten)]
    answer: ShownAnswer,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum ShownAnswer {
    Response(Box<RunFunctionResponse>),
    Status(Refusal),
}

/// What of that file is read back; the messages are read from their own files.
#[derive(Deserialize)]
struct Told {
    server: Server,
    status: Option<Refusal>,
}

impl Recording {
    /// Writes the call's files into a folder.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let unreadable = |what: &str, error: prost::DecodeError| {
            Failure::text(format!("the {what} of {} is none: {error}", self.name))
        };
        let request = RunFunctionRequest::decode(self.request.as_slice())
            .map_err(|error| unreadable("request", error))?;
        let answer = match &self.answer {
            Ok(bytes) => RunFunctionResponse::decode(bytes.as_slice())
                .map(|response| ShownAnswer::Response(Box::new(response)))
                .map_err(|error| unreadable("response", error))?,
            Err(refusal) => ShownAnswer::Status(refusal.clone()),
        };
        let shown = Shown {
            server: self.server.clone(),
            request,
            answer,
        };
        let json = serde_json::to_string_pretty(&shown)
            .map_err(|error| Failure::text(format!("{}: {error}", self.name)))?;
        let write = |extension: &str, bytes: &[u8]| {
            let path = folder.join(format!("{}.{extension}", self.name));
            output::whole(&path, bytes).map_err(|error| {
                Failure::text(format!("{} cannot be written: {error}", path.display()))
            })
        };
        write("request.pb", &self.request)?;
        if let Ok(bytes) = &self.answer {
            write("response.pb", bytes)?;
        }
        write("json", format!("{json}\n").as_bytes())
    }

    /// Reads the calls in a folder, by name.
    pub(super) fn read_all(folder: &Path) -> Result<Vec<Self>, Failure> {
        let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
            Failure::text(format!("{} cannot be read: {error}", path.display()))
        };
        let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        let mut names = Vec::new();
        for entry in entries {
            let file = entry.map_err(|error| unreadable(folder, &error))?;
            let name = file.file_name().to_string_lossy().into_owned();
            names.extend(name.strip_suffix(".request.pb").map(str::to_owned));
        }
        names.sort();
        let read = |name: String| {
            let path = |extension: &str| folder.join(format!("{name}.{extension}"));
            let bytes = |path: &Path| fs::read(path).map_err(|error| unreadable(path, &error));
            let shown = path("json");
            let told: Told = serde_json::from_slice(&bytes(&shown)?)
                .map_err(|error| unreadable(&shown, &error))?;
            Ok(Self {
                server: told.server,
                request: bytes(&path("request.pb"))?,
                answer: match told.status {
                    Some(refusal) => Err(refusal),
                    None => Ok(bytes(&path("response.pb"))?),
                },
                name,
            })
        };
        names.into_iter().map(read).collect()
    }
}

/// A codec that leaves messages as the bytes that they are on the wire.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Raw;

impl tonic::codec::Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl tonic::codec::Encoder for Raw {
    type Item = Vec<u8>;
    type Error = tonic::Status;

    fn encode(
        &mut self,
        bytes: Vec<u8>,
        to: &mut tonic::codec::EncodeBuf<'_>,
    ) -> Result<(), tonic::Status> {
        prost::bytes::BufMut::put_slice(to, &bytes);
        Ok(())
    }
}

impl tonic::codec::Decoder for Raw {
    type Item = Vec<u8>;
    type Error = tonic::Status;

    fn decode(
        &mut self,
        from: &mut tonic::codec::DecodeBuf<'_>,
    ) -> Result<Option<Vec<u8>>, tonic::Status> {
        let mut bytes = Vec::new();
        let mut reader = prost::bytes::Buf::reader(from);
        io::Read::read_to_end(&mut reader, &mut bytes)?;
        Ok(Some(bytes))
    }
}

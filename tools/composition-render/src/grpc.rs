//! The function protocol over gRPC: called (`remote`), served (`serve`), and
//! served to the real reconciler (`crossplane`), recorded (`record`) and played
//! back (`replay`).

mod context;
mod convert;
mod crossplane;
mod json;
mod messages;
mod record;
mod recording;
mod remote;
mod replay;
mod serve;

pub(crate) use crossplane::Crossplane;
pub(crate) use record::{RecordArgs, record};
pub(crate) use remote::Remote;
pub(crate) use replay::{ReplayArgs, replay};
pub(crate) use serve::{ServeArgs, serve};

/// The services that speak the protocol, the newer first. Their messages are the same.
const SERVICES: [&str; 2] = [
    "apiextensions.fn.proto.v1.FunctionRunnerService",
    "apiextensions.fn.proto.v1beta1.FunctionRunnerService",
];
const METHOD: &str = "RunFunction";

/// The header by which our server makes itself known, and its value's beginning.
const SERVER_HEADER: &str = "server";
const SERVER: &str = "composition-render";

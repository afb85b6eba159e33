//! The function protocol over gRPC: called (`remote`), served (`serve`), and
//! served to the real reconciler (`crossplane`).

mod context;
mod convert;
mod crossplane;
mod messages;
mod remote;
mod serve;

pub(crate) use crossplane::Crossplane;
pub(crate) use remote::Remote;
pub(crate) use serve::{ServeArgs, serve};

/// The services that speak the protocol, the newer first. Their messages are the same.
const SERVICES: [&str; 2] = [
    "apiextensions.fn.proto.v1.FunctionRunnerService",
    "apiextensions.fn.proto.v1beta1.FunctionRunnerService",
];
const METHOD: &str = "RunFunction";

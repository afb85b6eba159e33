//! A function at an address.

use std::{sync::Arc, time::Duration};

use function_pipeline::{Function, FunctionError, protocol};
use tokio::runtime::Runtime;
use tonic::{
    Code, Response, Status, client::Grpc, codec::Codec, codegen::http::uri::PathAndQuery,
    transport::Endpoint,
};
use tonic_prost::ProstCodec;

use super::{
    METHOD, SERVICES, convert,
    messages::{RunFunctionRequest, RunFunctionResponse},
};

/// A function that is called over gRPC, without transport security as upstream's
/// development runtime does.
pub(crate) struct Remote {
    address: String,
    runtime: Arc<Runtime>,
    timeout: Duration,
}

impl Remote {
    pub(crate) fn new(address: &str, runtime: Arc<Runtime>, timeout: Duration) -> Self {
        Self {
            address: address.to_owned(),
            runtime,
            timeout,
        }
    }

    async fn call(&self, message: RunFunctionRequest) -> Result<RunFunctionResponse, String> {
        let codec = ProstCodec::<RunFunctionRequest, RunFunctionResponse>::default;
        let answer = send(&self.address, self.timeout, codec, message).await?;
        answer
            .map(Response::into_inner)
            .map_err(|status| shown(&status))
    }
}

/// A failed call as Go prints one.
pub(super) fn shown(status: &Status) -> String {
    let (code, message) = (status.code(), status.message());
    format!("rpc error: code = {code:?} desc = {message}")
}

/// gRPC targets may name the resolver: `dns:///example.org:7443`.
fn uri(address: &str) -> String {
    let host = address.trim_start_matches("dns:").trim_start_matches('/');
    format!("http://{host}")
}

/// Sends a message to the function at an address, to the newest service that it
/// has; fails if it cannot be reached.
pub(super) async fn send<C>(
    address: &str,
    timeout: Duration,
    codec: impl Fn() -> C,
    message: C::Encode,
) -> Result<Result<Response<C::Decode>, Status>, String>
where
    C: Codec,
    C::Encode: Clone + Send + Sync + 'static,
    C::Decode: Send + Sync + 'static,
{
    let endpoint = Endpoint::from_shared(uri(address)).map_err(|error| error.to_string())?;
    let endpoint = endpoint.connect_timeout(timeout);
    let channel = endpoint
        .connect()
        .await
        .map_err(|error| unreachable(&error))?;
    let mut client = Grpc::new(channel)
        .max_decoding_message_size(usize::MAX)
        .max_encoding_message_size(usize::MAX);
    let mut answer = Err(Status::unimplemented("no such service"));
    for service in SERVICES {
        let path = PathAndQuery::try_from(format!("/{service}/{METHOD}"));
        let path = path.map_err(|error| error.to_string())?;
        client.ready().await.map_err(|error| unreachable(&error))?;
        answer = client
            .unary(tonic::Request::new(message.clone()), path, codec())
            .await;
        if !matches!(&answer, Err(status) if status.code() == Code::Unimplemented) {
            break;
        }
    }
    Ok(answer)
}

/// tonic's own text says little; the cause is at the end of the chain.
fn unreachable(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    format!("it cannot be reached ({last}); is it running, and at the address of its annotation?")
}

impl Function for Remote {
    fn run(&self, request: &protocol::Request) -> Result<protocol::Response, FunctionError> {
        let message = convert::request_to_wire(request);
        let answer = self
            .runtime
            .block_on(async { tokio::time::timeout(self.timeout, self.call(message)).await });
        let answer = answer.unwrap_or_else(|_| {
            let seconds = self.timeout.as_secs_f64();
            Err(format!(
                "no answer within {seconds} s (--timeout raises the limit)"
            ))
        });
        answer
            .map(convert::response_from_wire)
            .map_err(|error| FunctionError(format!("the function at {}: {error}", self.address)))
    }
}

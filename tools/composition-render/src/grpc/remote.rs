//! A function at an address.

use std::{sync::Arc, time::Duration};

use function_pipeline::{
    Function, FunctionError,
    protocol::{Request, Response},
};
use tokio::runtime::Runtime;
use tonic::{Code, Status, client::Grpc, codegen::http::uri::PathAndQuery, transport::Endpoint};
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

    /// gRPC targets may name the resolver: `dns:///example.org:7443`.
    fn uri(&self) -> String {
        let host = self
            .address
            .trim_start_matches("dns:")
            .trim_start_matches('/');
        format!("http://{host}")
    }

    async fn call(&self, message: RunFunctionRequest) -> Result<RunFunctionResponse, String> {
        let endpoint = Endpoint::from_shared(self.uri()).map_err(|error| error.to_string())?;
        let endpoint = endpoint.connect_timeout(self.timeout);
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
            let request = tonic::Request::new(message.clone());
            let codec = ProstCodec::<RunFunctionRequest, RunFunctionResponse>::default();
            answer = client.unary(request, path, codec).await;
            if !matches!(&answer, Err(status) if status.code() == Code::Unimplemented) {
                break;
            }
        }
        let answer = answer.map_err(|status| {
            format!(
                "rpc error: code = {:?} desc = {}",
                status.code(),
                status.message()
            )
        })?;
        Ok(answer.into_inner())
    }
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
    fn run(&self, request: &Request) -> Result<Response, FunctionError> {
        let message = convert::request_to_wire(request);
        let answer = self
            .runtime
            .block_on(async { tokio::time::timeout(self.timeout, self.call(message)).await });
        let answer = answer.unwrap_or_else(|_| {
            let seconds = self.timeout.as_secs();
            Err(format!(
                "no answer within {seconds} s (--timeout raises the limit)"
            ))
        });
        answer
            .map(convert::response_from_wire)
            .map_err(|error| FunctionError(format!("the function at {}: {error}", self.address)))
    }
}

//! A function of the tests' own, served over gRPC.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use prost::Message;
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::{BoxFuture, Service, http},
    server::{Grpc, NamedService, UnaryService},
    transport::{Server, server::TcpIncoming},
};
use tonic_prost::ProstCodec;

#[derive(Clone, PartialEq, prost::Message)]
pub struct Meta {
    #[prost(string, tag = "1")]
    pub tag: String,
}

/// What the function makes of a request.
type Answer<Q, A> = fn(Q) -> Result<A, Status>;

#[derive(Clone)]
struct Function<Q, A>(Answer<Q, A>);

impl<Q, A> NamedService for Function<Q, A> {
    const NAME: &'static str = "apiextensions.fn.proto.v1.FunctionRunnerService";
}

impl<Q, A> Service<http::Request<Body>> for Function<Q, A>
where
    Q: Message + Default + Clone + 'static,
    A: Message + Default + Clone + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let mut grpc = Grpc::new(ProstCodec::<A, Q>::default());
        let function = self.clone();
        Box::pin(async move { Ok(grpc.unary(function, request).await) })
    }
}

impl<Q: Message, A: Message> UnaryService<Q> for Function<Q, A> {
    type Response = A;
    type Future = Ready<Result<Response<A>, Status>>;

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        ready((self.0)(request.into_inner()).map(Response::new))
    }
}

/// Runs `work` with the address of a function that answers so.
pub fn with_function<Q, A, T>(answer: Answer<Q, A>, work: impl FnOnce(&str) -> T) -> T
where
    Q: Message + Default + Clone + 'static,
    A: Message + Default + Clone + 'static,
{
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap().to_string();
    let server = Server::builder().add_service(Function(answer));
    runtime.spawn(server.serve_with_incoming(incoming));
    work(&address)
}

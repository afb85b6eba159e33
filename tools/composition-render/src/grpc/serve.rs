//! `composition-render serve`: our functions for Crossplane to call, with the
//! flags of function-kcl.

use std::{
    convert::Infallible,
    future::Future,
    net::{SocketAddr, ToSocketAddrs},
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use clap::{Parser, ValueEnum};
use function_pipeline::{AutoReady, Function, kcl::KclFunction};
use kcl_engine::cli::EngineArgs;
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::{Service, http},
    server::{Grpc, NamedService, UnaryService},
    transport::{Certificate, Identity, Server, ServerTlsConfig, server::TcpIncoming},
};
use tonic_prost::ProstCodec;

use super::{
    METHOD, SERVER_HEADER, convert,
    messages::{RunFunctionRequest, RunFunctionResponse},
};
use crate::{
    evaluator::{Kcl, Runs},
    failure::Failure,
};

/// Serve a function for Crossplane to call.
///
/// A drop-in for function-kcl: the same flags, the same answers. Crossplane in a
/// cluster wants mutual TLS; `crossplane composition render` wants --insecure.
#[derive(Debug, Parser)]
#[command(
    name = "composition-render serve",
    version,
    after_help = "\
Example:
  composition-render serve --insecure --address localhost:9443

Exit codes: 1 it cannot serve, 2 wrong usage."
)]
pub(crate) struct ServeArgs {
    /// Address to listen at; port 0 takes a free one
    #[arg(long, default_value = ":9443", value_name = "HOST:PORT")]
    address: String,
    /// Folder with tls.crt and tls.key, and ca.crt to check clients by
    #[arg(long, env = "TLS_SERVER_CERTS_DIR", value_name = "DIR")]
    tls_certs_dir: Option<PathBuf>,
    /// Serve without transport security
    #[arg(long)]
    insecure: bool,
    /// Largest message to take, in MiB
    #[arg(long, default_value_t = 4, value_name = "MIB")]
    max_recv_message_size: usize,
    #[command(flatten)]
    function: FunctionArgs,
}

/// A function of ours and how it runs.
#[derive(Debug, clap::Args)]
pub(super) struct FunctionArgs {
    /// Which function
    #[arg(long, value_enum, default_value = "kcl", value_name = "NAME")]
    function: Served,
    /// Dependencies of every step, as [dependencies] of a kcl.mod lists them
    #[arg(long, value_name = "FILE")]
    dependencies: Option<PathBuf>,
    /// The program of a step that has none
    #[arg(
        long,
        env = "FUNCTION_KCL_DEFAULT_SOURCE",
        default_value = "",
        hide_default_value = true,
        value_name = "KCL"
    )]
    default_source: String,
    /// A program that a step names by its place, such as oci://registry/program:1.0
    #[arg(long = "source", value_name = "PLACE=PATH", value_parser = pair)]
    sources: Vec<(String, String)>,
    #[command(flatten)]
    pub(super) engine: EngineArgs,
}

/// The functions that can be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Served {
    /// A drop-in for function-kcl.
    Kcl,
    /// A drop-in for function-auto-ready.
    AutoReady,
}

fn pair(text: &str) -> Result<(String, String), String> {
    kcl_engine::cli::name_and_value(text, "PLACE=PATH")
}

/// A function that many calls share.
pub(super) type Shared = Arc<dyn Function + Send + Sync>;

/// Serves until the process is ended.
pub(crate) fn serve(args: &ServeArgs) -> Result<(), Failure> {
    let function = args.function.function()?;
    let mut server = Server::builder();
    if let Some(tls) = tls(args)? {
        server = server.tls_config(tls).map_err(|error| {
            Failure::text(format!(
                "the certificates cannot be used: {}",
                chain(&error)
            ))
        })?;
    }
    let address = resolve(&args.address)?;
    let limit = args.max_recv_message_size << 20;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime =
        runtime.map_err(|error| Failure::text(format!("no threads can be started: {error}")))?;
    runtime.block_on(async {
        let unusable = |error: &(dyn std::error::Error + 'static)| {
            Failure::text(format!("cannot serve at {address}: {}", chain(error)))
        };
        let incoming = TcpIncoming::bind(address).map_err(|error| unusable(&error))?;
        let local = incoming.local_addr().unwrap_or(address);
        let (newest, beta) = services(function, limit, true);
        let server = server.add_service(newest).add_service(beta);
        eprintln!("serving at {local}");
        let serving = server.serve_with_incoming(incoming).await;
        serving.map_err(|error| unusable(&error))
    })
}

impl FunctionArgs {
    pub(super) fn function(&self) -> Result<Shared, Failure> {
        if self.function == Served::AutoReady {
            return Ok(Arc::new(AutoReady));
        }
        let dependencies = self.dependencies.as_deref().map(read).transpose()?;
        let sources = self
            .sources
            .iter()
            .map(|(place, path)| (place.clone(), path.into()));
        let engine = self.engine.engine()?;
        let packages = self.engine.packages.clone();
        let kcl = Kcl::new(engine, packages, sources.collect(), Runs::Many);
        let kcl = kcl
            .map_err(|error| Failure::text(format!("no temporary folder can be made: {error}")))?;
        let function = KclFunction::new(kcl)
            .with_default_source(&self.default_source)
            .with_dependencies(dependencies.unwrap_or_default());
        Ok(Arc::new(function))
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::text(format!("{} cannot be read: {error}", path.display())))
}

/// Mutual TLS, unless the server is to be insecure.
fn tls(args: &ServeArgs) -> Result<Option<ServerTlsConfig>, Failure> {
    if args.insecure {
        return Ok(None);
    }
    let Some(folder) = &args.tls_certs_dir else {
        return Err(Failure::text(
            "no certificates: pass --tls-certs-dir DIR with tls.crt, tls.key and ca.crt, or \
             --insecure",
        ));
    };
    let part = |name: &str| read(&folder.join(name));
    let identity = Identity::from_pem(part("tls.crt")?, part("tls.key")?);
    let authority = Certificate::from_pem(part("ca.crt")?);
    let tls = ServerTlsConfig::new()
        .identity(identity)
        .client_ca_root(authority);
    Ok(Some(tls))
}

/// Go's `:9443` means every address.
fn resolve(address: &str) -> Result<SocketAddr, Failure> {
    let full = match address.strip_prefix(':') {
        Some(port) => format!("[::]:{port}"),
        None => address.to_owned(),
    };
    let wrong = |why: String| {
        let message = format!("{address:?} is no address to listen at: {why}");
        Failure::new(diagnostics::Diagnostic::error(message).hint("write HOST:PORT or :PORT"))
    };
    let mut found = full
        .to_socket_addrs()
        .map_err(|error| wrong(error.to_string()))?;
    found
        .next()
        .ok_or_else(|| wrong("it resolves to nothing".to_owned()))
}

/// An error with its causes, which tonic's own texts leave out.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text += &format!(": {source}");
        next = source.source();
    }
    text
}

/// Runs requests through a function.
#[derive(Clone)]
struct Runner {
    function: Shared,
    limit: usize,
    log: bool,
}

impl Runner {
    fn answer(self, request: http::Request<Body>) -> Answer {
        Box::pin(async move {
            let method = request.uri().path().rsplit('/').next().unwrap_or_default();
            if method != METHOD {
                return Ok(Status::unimplemented(format!("unknown method {method}")).into_http());
            }
            let codec = ProstCodec::<RunFunctionResponse, RunFunctionRequest>::default();
            let mut grpc = Grpc::new(codec)
                .max_decoding_message_size(self.limit)
                .max_encoding_message_size(usize::MAX);
            let mut answer = grpc.unary(self, request).await;
            let name = concat!("composition-render/", env!("CARGO_PKG_VERSION"));
            let headers = answer.headers_mut();
            headers.insert(SERVER_HEADER, http::HeaderValue::from_static(name));
            Ok(answer)
        })
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

impl UnaryService<RunFunctionRequest> for Runner {
    type Response = RunFunctionResponse;
    type Future =
        Pin<Box<dyn Future<Output = Result<Response<RunFunctionResponse>, Status>> + Send>>;

    fn call(&mut self, request: Request<RunFunctionRequest>) -> Self::Future {
        let (function, log) = (self.function.clone(), self.log);
        Box::pin(async move {
            let message = request.into_inner();
            let tag = message.meta.clone().unwrap_or_default().tag;
            let request = convert::request_from_wire(message);
            let running = tokio::task::spawn_blocking(move || function.run(&request));
            let response = running
                .await
                .map_err(|error| Status::internal(error.to_string()))?
                .map_err(|error| Status::unavailable(error.to_string()))?;
            for warning in response.warnings.iter().filter(|_| log) {
                eprintln!("warning: {warning}");
            }
            Ok(Response::new(convert::response_to_wire(response, tag)))
        })
    }
}

/// A function as the services of the protocol; `limit` is the largest message in
/// bytes, `log` says whether oddities are told on stderr.
pub(super) fn services(function: Shared, limit: usize, log: bool) -> (Named<0>, Named<1>) {
    let runner = Runner {
        function,
        limit,
        log,
    };
    (Named(runner.clone()), Named(runner))
}

/// The protocol's service, under one of its names.
#[derive(Clone)]
pub(super) struct Named<const NAME: usize>(Runner);

impl<const NAME: usize> NamedService for Named<NAME> {
    const NAME: &'static str = super::SERVICES[NAME];
}

impl<const NAME: usize> Service<http::Request<Body>> for Named<NAME> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        self.0.clone().answer(request)
    }
}

//! tonic: gRPC over HTTP/2. Its message is prost's; the service is written by hand, so that no `protoc` is needed.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::task::{Context, Poll};

use futures::StreamExt;
use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::server::{NamedService, UnaryService};
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower_service::Service;

use crate::echo::{Echo, on_its_own_runtime};

/// The text, there and back.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

struct Echoing;

impl UnaryService<Text> for Echoing {
    type Response = Text;
    type Future = Ready<Result<Response<Text>, Status>>;

    fn call(&mut self, request: Request<Text>) -> Self::Future {
        ready(Ok(Response::new(request.into_inner())))
    }
}

/// What tonic's generator would write for a service of one method.
#[derive(Clone)]
struct EchoServer;

impl NamedService for EchoServer {
    const NAME: &'static str = "bench.Echo";
}

impl Service<http::Request<Body>> for EchoServer {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::default());
            Ok(grpc.unary(Echoing, request).await)
        })
    }
}

/// Starts the server on a current-thread runtime of its own.
///
/// # Panics
///
/// If it does not start.
#[must_use]
pub fn serve() -> SocketAddr {
    on_its_own_runtime(async |started| {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        started.send(listener.local_addr().expect("it is bound")).expect("the bench waits for it");
        let incoming = TcpListenerStream::new(listener)
            .map(|stream| stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream)));
        let server = Server::builder().add_service(EchoServer).serve_with_incoming(incoming);
        server.await.expect("the server runs");
    })
}

/// A client with its one connection.
pub struct Client(Channel);

impl Client {
    /// Connects; must run inside the runtime of the bench.
    ///
    /// # Panics
    ///
    /// If it cannot.
    pub async fn connect(address: SocketAddr) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
        Self(endpoint.tcp_nodelay(true).connect().await.expect("the server listens"))
    }
}

impl Echo for Client {
    async fn echo(&self, text: String) -> String {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.expect("the connection is there");
        let path = PathAndQuery::from_static("/bench.Echo/Echo");
        let echoed = grpc.unary(Request::new(Text { text }), path, ProstCodec::<Text, Text>::default()).await;
        echoed.expect("the server echoes").into_inner().text
    }
}

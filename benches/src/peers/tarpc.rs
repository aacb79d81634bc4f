//! tarpc: its serde transport over TCP with bincode, one connection, requests run in tasks as its example does.

use std::net::SocketAddr;

use futures::StreamExt;
use tarpc::context::{self, Context};
use tarpc::server::{BaseChannel, Channel};
use tarpc::tokio_serde::formats::Bincode;
use tarpc::{ClientMessage, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::LengthDelimitedCodec;

use crate::echo::{Echo, on_its_own_runtime};

#[tarpc::service]
trait Texts {
    /// The text, there and back.
    async fn echo(text: String) -> String;
}

#[derive(Clone)]
struct Echoing;

impl Texts for Echoing {
    async fn echo(self, _: Context, text: String) -> String {
        text
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
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket's option");
            let framed = LengthDelimitedCodec::builder().new_framed(stream);
            let transport =
                tarpc::serde_transport::new::<_, ClientMessage<TextsRequest>, Response<TextsResponse>, _>(
                    framed,
                    Bincode::default(),
                );
            let requests = BaseChannel::with_defaults(transport).execute(Echoing.serve());
            tokio::spawn(requests.for_each(async |request| {
                tokio::spawn(request);
            }));
        }
    })
}

/// A client with its one connection.
pub struct Client(TextsClient);

impl Client {
    /// Connects; must run inside the runtime of the bench.
    ///
    /// # Panics
    ///
    /// If it cannot.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket's option");
        let framed = LengthDelimitedCodec::builder().new_framed(stream);
        let transport = tarpc::serde_transport::new(framed, Bincode::default());
        let mut config = tarpc::client::Config::default();
        // Its default is 1,000 of each: no contestant waits for a bound here.
        config.max_in_flight_requests = 10_000;
        Self(TextsClient::new(config, transport).spawn())
    }
}

impl Echo for Client {
    async fn echo(&self, text: String) -> String {
        self.0.echo(context::current(), text).await.expect("the server echoes")
    }
}

//! TLS: all that goes over TCP goes over it, between those that trust each other.

use futures::StreamExt;
use nestling::prelude::*;
use nestling::{ClientTls, ServerTls, Tcp, TcpClient, TcpClientBuilder};
use tokio::sync::mpsc;

use crate::peer::{Peer, soon};
use crate::types::{Counted, Double, Ticks, TooMany};

macro_rules! file {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tcp_client/tls/", $name)
    };
}

#[derive(Service)]
#[service("counter", messages(Double), streams(Ticks), events(Counted))]
struct Counter {
    counted: mpsc::UnboundedSender<u32>,
}

impl Handler<Double> for Counter {
    type Result = Result<u32, TooMany>;
    fn handle(&mut self, Double(n): Double, _: &mut Context<Self>) -> Self::Result {
        Ok(n * 2)
    }
}

impl Handler<Ticks> for Counter {
    type Result = ResponseStream<u32, TooMany>;
    fn handle(&mut self, Ticks(n): Ticks, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::of(0..n)
    }
}

impl Handler<Counted> for Counter {
    type Result = Result<(), EventError>;
    fn handle(&mut self, Counted(n): Counted, _: &mut Context<Self>) -> Self::Result {
        Ok(self.counted.send(n)?)
    }
}

/// A node that listens, and what it is told.
async fn serving(tls: ServerTls) -> (Node, TcpClientBuilder, mpsc::UnboundedReceiver<u32>) {
    let (counted, told) = mpsc::unbounded_channel();
    let node = Node::builder("server").service(Counter { counted }).listen(Tcp::port(0).tls(tls));
    let node = node.start().await.unwrap();
    let client = TcpClient::builder(node.listening()[0].to_string());
    (node, client, told)
}

fn server() -> ServerTls {
    ServerTls::pem_files(file!("server.pem"), file!("server.key")).unwrap()
}

fn trusting() -> ClientTls {
    ClientTls::pem_file(file!("authority.pem")).unwrap()
}

async fn refused(client: TcpClient) -> String {
    match soon(client.send(Double(1))).await {
        Err(RequestError::Transport { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}

#[actix::test]
async fn requests_streams_and_events() {
    let (node, client, mut told) = serving(server()).await;
    let client = client.tls(trusting()).build();
    assert_eq!(soon(client.send(Double(21))).await, Ok(42));
    let large = soon(client.send_json("none", "x".repeat(1 << 20))).await;
    assert!(matches!(large, Err(RequestError::NoHandler { .. })), "{large:?}");
    let ticks: Vec<_> = soon(client.stream(Ticks(100)).collect()).await;
    assert_eq!(ticks, (0..100).map(Ok).collect::<Vec<_>>());
    for n in 0..1000 {
        client.emit(Counted(n)).unwrap();
    }
    soon(client.close()).await;
    for n in 0..1000 {
        assert_eq!(soon(told.recv()).await, Some(n));
    }
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn certificates_of_clients_when_the_server_asks_for_them() {
    let asking = server().client_certificates(file!("authority.pem")).unwrap();
    let (_node, client, _told) = serving(asking).await;
    let known = trusting().certificate(file!("client.pem"), file!("client.key")).unwrap();
    assert_eq!(soon(client.clone().tls(known).build().send(Double(2))).await, Ok(4));
    refused(client.tls(trusting()).build()).await;
}

#[actix::test]
async fn a_server_that_is_not_trusted_is_not_talked_to() {
    let (_node, client, _told) = serving(server()).await;
    let other_name = trusting().server_name("other.example").unwrap();
    let says = refused(client.clone().tls(other_name).build()).await;
    assert!(says.contains("other.example") && says.contains("failed"), "{says}");
    let other_authority = ClientTls::pem_file(file!("client.pem")).unwrap();
    let says = refused(client.clone().tls(other_authority).build()).await;
    assert!(says.contains("certificate"), "{says}");
    let own_name = trusting().server_name("shop.example").unwrap();
    assert_eq!(soon(client.tls(own_name).build().send(Double(3))).await, Ok(6));
}

#[actix::test]
async fn with_tls_at_one_end_alone_every_request_settles() {
    let (_node, client, _told) = serving(server()).await;
    refused(client.build()).await;
    let plain = Peer::start().await;
    let client = TcpClient::builder(plain.address().to_string())
        .connect_timeout(Duration::from_millis(50))
        .tls(trusting())
        .build();
    let says = refused(client).await;
    assert!(says.contains("within"), "a plain peer waits for the rest of a frame: {says}");
}

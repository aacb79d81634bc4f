//! Beside peers that flood, dribble, do not read, or talk garbage, a healthy one has all its requests answered.

use std::time::{Duration, Instant};

use nestling::Tcp;
use nestling::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::support::{Log, Peer, frame, node, started, until};

/// Peers of one kind, on a thread of their own.
struct Crowd(Option<tokio::runtime::Runtime>);

impl Crowd {
    fn new() -> Self {
        Self(Some(
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        ))
    }

    /// Writes the same bytes again and again, for as long as it can.
    fn writing(&self, address: std::net::SocketAddr, bytes: Vec<u8>) -> JoinHandle<()> {
        self.0.as_ref().unwrap().spawn(async move {
            let Ok(mut stream) = TcpStream::connect(address).await else { return };
            while stream.write_all(&bytes).await.is_ok() {}
        })
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.0.take().unwrap().shutdown_background();
    }
}

/// The longest that one of `requests` took.
async fn slowest(peer: &mut Peer, requests: usize) -> Duration {
    let mut slowest = Duration::ZERO;
    for _ in 0..requests {
        let began = Instant::now();
        peer.expect_well().await;
        slowest = slowest.max(began.elapsed());
    }
    slowest
}

#[actix::test]
async fn requests_without_end_and_nobody_to_read_their_replies() {
    let (node, _) = started().await;
    let address = node.listening()[0];
    let crowd = Crowd::new();
    for _ in 0..5 {
        crowd.writing(address, frame(r#"{"pattern":"sum","data":[1,2,3],"id":1}"#).repeat(100));
        crowd.writing(address, frame(r#"{"pattern":"nobody's","data":null,"id":1}"#).repeat(100));
    }
    let mut peer = Peer::to(&node).await;
    let slowest = slowest(&mut peer, 50).await;
    println!("beside 10 peers that write requests and read nothing, the slowest request took {slowest:?}");
}

#[actix::test]
async fn tiny_frames_half_frames_and_garbage() {
    let (node, _) = started().await;
    let address = node.listening()[0];
    let crowd = Crowd::new();
    for _ in 0..5 {
        crowd.writing(address, b"2#{}".repeat(5_000));
        crowd.writing(address, b"9999999#".repeat(1_000));
        crowd.writing(address, b" ".repeat(5_000));
    }
    let mut peer = Peer::to(&node).await;
    let slowest = slowest(&mut peer, 50).await;
    println!("beside 15 peers that write nonsense, the slowest request took {slowest:?}");
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("noise")]
struct Noise(u32);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("news")]
struct News(u32);

#[derive(Service)]
#[service("listener", events(News))]
struct Listener(Log);

impl Handler<News> for Listener {
    type Result = Result<(), EventError>;
    fn handle(&mut self, News(n): News, _: &mut Context<Self>) -> Self::Result {
        self.0.push(n.to_string());
        Ok(())
    }
}

#[derive(Service)]
#[service("deaf", events(Noise))]
struct Deaf;

impl Handler<Noise> for Deaf {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Noise, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

#[actix::test]
async fn events_without_end() {
    let log = Log::default();
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Deaf).service(Listener(log.clone())).start().await.unwrap();
    let address = node.listening()[0];
    let crowd = Crowd::new();
    for _ in 0..50 {
        crowd.writing(address, frame(r#"{"pattern":"noise","data":1}"#).repeat(500));
    }
    let mut peer = Peer::to(&node).await;
    let slowest = slowest(&mut peer, 50).await;
    println!("beside 50 peers that write events without end, the slowest request took {slowest:?}");
    // Events have their turn too, however many come before them.
    let mut longest = Duration::ZERO;
    for n in 0..20 {
        let began = Instant::now();
        peer.send(&format!(r#"{{"pattern":"news","data":{n}}}"#)).await;
        until("it is handled", || log.len() == n + 1).await;
        longest = longest.max(began.elapsed());
    }
    println!("the slowest event took {longest:?}");
    let backlog = node.stats().registry_backlog;
    println!("{backlog} events wait for the registry");
    assert!(backlog < 2_000, "{backlog}");
}

//! What the TCP server takes of the heap. It is a binary of its own, for it counts what the whole process allocates, and
//! its tests run one after another. `--nocapture` prints the figures.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::alloc::System;
use std::sync::Mutex;

use nestling::Tcp;
use nestling::prelude::*;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The bytes of the heap in use.
fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("never")]
struct Never;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("fill", response = String, error = Never)]
struct Fill(usize);

#[derive(Service)]
#[service("filler", messages(Fill))]
struct Filler;

impl Handler<Fill> for Filler {
    type Result = Result<String, Never>;
    fn handle(&mut self, Fill(bytes): Fill, _: &mut Context<Self>) -> Self::Result {
        Ok("x".repeat(bytes))
    }
}

async fn node(tcp: Tcp) -> Node {
    Node::builder("hall").service(Filler).listen(tcp).start().await.unwrap()
}

async fn ask(stream: &mut TcpStream, bytes: usize) {
    stream.write_all(&request(bytes)).await.unwrap();
    let mut reply = vec![0; 64];
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut reply)).await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&reply[..read]).contains("\"response\""));
}

fn request(bytes: usize) -> Vec<u8> {
    let json = format!(r#"{{"pattern":"fill","data":{bytes},"id":1}}"#);
    format!("{}#{json}", json.len()).into_bytes()
}

#[actix::test]
#[expect(clippy::await_holding_lock, reason = "each test has a thread of its own")]
async fn a_thousand_idle_connections_take_little() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    const CONNECTIONS: usize = 1_000;
    let node = node(Tcp::port(0).frame_time(Duration::from_millis(400))).await;
    let address = node.listening()[0];
    let mut streams = Vec::with_capacity(CONNECTIONS + 1);
    // Whatever is made once is made now.
    streams.push(TcpStream::connect(address).await.unwrap());
    ask(&mut streams[0], 1).await;
    let before = live();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(address).await.unwrap();
        ask(&mut stream, 1).await;
        streams.push(stream);
    }
    let busy = (live() - before) / CONNECTIONS;
    // Those that are quiet give back what they can, when they are looked at.
    let mut idle = busy;
    for _ in 0..100 {
        idle = idle.min((live() - before) / CONNECTIONS);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("heap per connection, both ends of it: {busy} bytes after a request, {idle} when idle");
    assert!(idle < 5_000, "{idle} bytes a connection");
    drop(node);
}

#[actix::test]
#[expect(clippy::await_holding_lock, reason = "each test has a thread of its own")]
async fn a_peer_that_does_not_read_is_given_no_more_than_its_buffer() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let node = node(Tcp::port(0)).await;
    let mut stream = TcpStream::connect(node.listening()[0]).await.unwrap();
    ask(&mut stream, 1).await;
    let before = live();
    // 64 MiB of replies, to requests that fit into the socket's buffers.
    const BYTES: usize = 64 * 1024;
    let requests: Vec<u8> = (0..1_024).flat_map(|_| request(BYTES)).collect();
    stream.write_all(&requests).await.unwrap();
    let mut most = 0;
    for _ in 0..500 {
        most = most.max(live().saturating_sub(before));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!("heap for 64 MiB of replies that nobody reads: {most} bytes at most");
    // A turn's worth of requests had been answered before its replies filled the buffer.
    assert!(most < 24 * 1024 * 1024, "{most}");
    let mut received = 0;
    let mut buffer = vec![0; BYTES];
    while received < 1_024 * BYTES {
        let read =
            tokio::time::timeout(Duration::from_secs(20), stream.read(&mut buffer)).await.unwrap().unwrap();
        assert!(read > 0, "{received} bytes came");
        received += read;
    }
    drop(node);
}

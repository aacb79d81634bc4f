//! A peer that knows NestJS's frames by a codec of its own, and a service for it to talk to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use nestling::prelude::*;
use nestling::{NodeBuilder, Tcp};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// The longest that anything is waited for.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// An error that no test meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("never")]
pub(crate) struct Never;

/// Waits for `future`, and not for ever.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("it takes too long: {what}"))
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    soon(what, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

/// A frame, counted in UTF-16 code units by the book.
pub(crate) fn frame(json: &str) -> Vec<u8> {
    let units: Vec<u16> = json.encode_utf16().collect();
    format!("{}#{json}", units.len()).into_bytes()
}

/// The first frame's text, and how many bytes it takes.
fn unframe(bytes: &[u8]) -> Option<(String, usize)> {
    let hash = bytes.iter().position(|byte| *byte == b'#')?;
    let length: usize = std::str::from_utf8(&bytes[..hash]).unwrap().parse().unwrap();
    let body = &bytes[hash + 1..];
    if body.len() < length {
        return None;
    }
    if body[..length].is_ascii() {
        return Some((String::from_utf8(body[..length].to_vec()).unwrap(), hash + 1 + length));
    }
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&body[..error.valid_up_to()]).unwrap(),
    };
    let (mut units, mut frame) = (Vec::<u16>::new(), String::new());
    for letter in text.chars() {
        if units.len() >= length {
            break;
        }
        units.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
        frame.push(letter);
    }
    let taken = hash + 1 + frame.len();
    (units.len() == length).then_some((frame, taken))
}

/// A raw connection.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

impl Peer {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = soon("a connection", TcpStream::connect(address)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn to(node: &Node) -> Self {
        Self::connect(node.listening()[0]).await
    }

    /// The same socket once more, to be written by another task.
    pub(crate) fn second_handle(&self) -> TcpStream {
        use std::os::fd::AsFd;
        let socket = self.stream.as_fd().try_clone_to_owned().unwrap();
        TcpStream::from_std(std::net::TcpStream::from(socket)).unwrap()
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        soon("a write", self.stream.write_all(bytes.as_ref())).await.unwrap();
    }

    pub(crate) async fn send(&mut self, json: &str) {
        self.write(frame(json)).await;
    }

    /// The next bytes; false at the end of the connection, however it ends.
    async fn read_on(&mut self) -> bool {
        let read = soon("something to read", self.stream.read_buf(&mut self.read)).await;
        matches!(read, Ok(bytes) if bytes > 0)
    }

    /// The next frame, or None at the end of the connection.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((frame, taken)) = unframe(&self.read) {
                self.read.drain(..taken);
                return Some(frame);
            }
            if !self.read_on().await {
                return None;
            }
        }
    }

    pub(crate) async fn reply(&mut self) -> String {
        self.next().await.expect("a reply")
    }

    /// The next reply, as JSON, with nothing in it but what may be there.
    pub(crate) async fn json(&mut self) -> Value {
        let reply: Value = serde_json::from_str(&self.reply().await).unwrap();
        let mut keys = reply.as_object().unwrap().keys();
        let allowed = ["id", "err", "response", "isDisposed", "status"];
        assert_eq!(keys.find(|key| !allowed.contains(&key.as_str())), None, "{reply}");
        reply
    }

    pub(crate) async fn ask(&mut self, json: &str) -> String {
        self.send(json).await;
        self.reply().await
    }

    pub(crate) async fn ask_json(&mut self, json: &str) -> Value {
        self.send(json).await;
        self.json().await
    }

    /// Exactly these bytes come next.
    pub(crate) async fn expect_bytes(&mut self, expected: &str) {
        while self.read.len() < expected.len() && self.read_on().await {}
        assert_eq!(String::from_utf8_lossy(&self.read), expected);
        self.read.clear();
    }

    /// The connection ends, and nothing comes before.
    pub(crate) async fn expect_end(&mut self) {
        assert_eq!(self.next().await, None);
        assert!(self.read.is_empty(), "{:?}", String::from_utf8_lossy(&self.read));
    }

    /// It works: a request is answered.
    pub(crate) async fn expect_well(&mut self) {
        assert_eq!(
            self.ask(r#"{"pattern":"sum","data":[20,22],"id":"w"}"#).await,
            r#"{"response":42,"isDisposed":true,"id":"w"}"#
        );
    }
}

/// Sums up.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "sum", alias = "sum", response = i64, error = Never)]
#[serde(transparent)]
pub(crate) struct Sum(pub(crate) Vec<i64>);

/// The data as it came.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("echo", response = OrUndefined<Value>, error = Never)]
#[serde(transparent)]
pub(crate) struct Echo(pub(crate) OrUndefined<Value>);

/// Is answered with its number when the gate lets it through.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("held", response = u64, error = Never)]
#[serde(transparent)]
pub(crate) struct Held(pub(crate) Value);

/// Items as fast as they are read.
#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("items", item = String, error = Never)]
pub(crate) struct Items {
    pub(crate) bytes: usize,
    pub(crate) count: usize,
}

/// An item, and nothing more until the caller goes.
#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("open", item = u32, error = Never)]
pub(crate) struct Open;

/// What the handlers have done, and what they wait for.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Requests that are held: begun, and dropped again.
    pub(crate) begun: Arc<AtomicUsize>,
    pub(crate) dropped: Arc<AtomicUsize>,
    /// Items made.
    pub(crate) items: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            begun: Arc::default(),
            dropped: Arc::default(),
            items: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
        }
    }
}

impl Seen {
    /// Lets `requests` that are held be answered.
    pub(crate) fn open(&self, requests: usize) {
        self.gate.add_permits(requests);
    }

    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    pub(crate) fn dropped(&self) -> usize {
        self.dropped.load(Ordering::SeqCst)
    }

    pub(crate) fn items(&self) -> usize {
        self.items.load(Ordering::SeqCst)
    }
}

/// Counts when it is dropped.
pub(crate) struct Guard(pub(crate) Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The service that all tests have.
#[derive(Clone, Default)]
pub(crate) struct Desk(pub(crate) Seen);

impl Actor for Desk {
    type Context = Context<Self>;
}
impl Supervised for Desk {}
impl Service for Desk {
    const NAME: &'static str = "the-secret-desk";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Sum>().message::<Echo>().message::<Held>().stream::<Items>().stream::<Open>();
    }
}

impl Handler<Sum> for Desk {
    type Result = Result<i64, Never>;
    fn handle(&mut self, Sum(numbers): Sum, _: &mut Context<Self>) -> Self::Result {
        Ok(numbers.iter().sum())
    }
}

impl Handler<Echo> for Desk {
    type Result = Result<OrUndefined<Value>, Never>;
    fn handle(&mut self, Echo(data): Echo, _: &mut Context<Self>) -> Self::Result {
        Ok(data)
    }
}

impl Handler<Held> for Desk {
    type Result = ResponseFuture<Result<u64, Never>>;
    fn handle(&mut self, _: Held, _: &mut Context<Self>) -> Self::Result {
        let number = self.0.begun.fetch_add(1, Ordering::SeqCst) as u64;
        let (gate, guard) = (Arc::clone(&self.0.gate), Guard(Arc::clone(&self.0.dropped)));
        Box::pin(async move {
            let _guard = guard;
            gate.acquire().await.unwrap().forget();
            Ok(number)
        })
    }
}

impl Handler<Items> for Desk {
    type Result = ResponseStream<String, Never>;
    fn handle(&mut self, Items { bytes, count }: Items, _: &mut Context<Self>) -> Self::Result {
        let (items, guard) = (Arc::clone(&self.0.items), Guard(Arc::clone(&self.0.dropped)));
        ResponseStream::new(futures::stream::iter((0..count).map(move |_| {
            let _guard = &guard;
            items.fetch_add(1, Ordering::SeqCst);
            Ok("x".repeat(bytes))
        })))
    }
}

impl Handler<Open> for Desk {
    type Result = ResponseStream<u32, Never>;
    fn handle(&mut self, _: Open, _: &mut Context<Self>) -> Self::Result {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        let guard = Guard(Arc::clone(&self.0.dropped));
        let first = futures::stream::once(async { Ok(1) });
        ResponseStream::new(first.chain(futures::stream::once(async move {
            let _guard = guard;
            std::future::pending().await
        })))
    }
}

/// A node with the desk.
pub(crate) fn node(tcp: Tcp) -> (NodeBuilder, Seen) {
    let desk = Desk::default();
    let seen = desk.0.clone();
    (Node::builder("hall").service(desk).listen(tcp), seen)
}

/// A node with the desk, that listens with the default limits.
pub(crate) async fn started() -> (Node, Seen) {
    started_with(Tcp::port(0)).await
}

pub(crate) async fn started_with(tcp: Tcp) -> (Node, Seen) {
    let (builder, seen) = node(tcp);
    (builder.start().await.unwrap(), seen)
}

/// What happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// The dead letters of a node, the oldest first, when there are `count`.
pub(crate) async fn letters(node: &Node, count: usize) -> Vec<DeadLetter> {
    soon("the dead letters", async {
        loop {
            node.dead_letters().flush().await.unwrap();
            let letters = node.dead_letters().list(Filter::new().oldest_first()).await.unwrap().letters;
            if letters.len() >= count {
                return letters;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
}

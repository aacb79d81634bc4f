//! The binary, a node to talk to, a service that is no node, and a file with dead letters.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use nestling::dead_letter::{Change, DeadLetterStore};
use nestling::prelude::*;
use nestling::{Filter, Id, ResponseStream, SqliteReader, SqliteStore, Tcp};
use serde_json::Value;
use tempfile::TempDir;

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        self
    }

    /// Each line of stdout, as JSON.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the tool writes UTF-8");
        Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nestling"));
    command.args(args).env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

/// Runs the tool where nothing of the test's own thread is needed.
pub(crate) fn run(args: &[&str]) -> Run {
    command(args).output().expect("the tool runs").into()
}

/// Runs the tool beside the node of this thread.
pub(crate) async fn run_beside(args: &[&str]) -> Run {
    run_with_stdin(args, "").await
}

pub(crate) async fn run_with_stdin(args: &[&str], stdin: &str) -> Run {
    let (mut command, stdin) = (command(args), stdin.to_owned());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let done = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().expect("the tool runs");
        child.stdin.take().expect("a pipe").write_all(stdin.as_bytes()).expect("the tool takes its input");
        child.wait_with_output().expect("the tool ends")
    });
    done.await.expect("the tool is waited for").into()
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "sum", response = i64, error = NotSummed)]
pub(crate) struct Sum(Vec<i64>);

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("not summed")]
pub(crate) struct NotSummed {
    code: u32,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("echo", response = Value, error = RpcError)]
pub(crate) struct Echo(Value);

/// Whether there was any data, and one header.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("seen", response = (bool, String), error = RpcError)]
pub(crate) struct Seen(OrUndefined<Value>);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("touch", response = (), error = RpcError)]
pub(crate) struct Touch;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("never", response = (), error = RpcError)]
pub(crate) struct Never;

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("count", item = u32, error = RpcError)]
pub(crate) struct Count(u32);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
pub(crate) struct OrderCreated {
    pub(crate) order_id: u64,
}

#[derive(Default, Service)]
#[service("desk", messages(Sum, Echo, Delivery<Seen>, Touch, Never), streams(Count))]
pub(crate) struct Desk {
    summed: Arc<AtomicU64>,
}

impl Handler<Sum> for Desk {
    type Result = Result<i64, NotSummed>;
    fn handle(&mut self, Sum(numbers): Sum, _: &mut Context<Self>) -> Self::Result {
        self.summed.fetch_add(1, Ordering::Relaxed);
        if numbers.is_empty() { Err(NotSummed { code: 7 }) } else { Ok(numbers.iter().sum()) }
    }
}
impl Handler<Echo> for Desk {
    type Result = Result<Value, RpcError>;
    fn handle(&mut self, Echo(value): Echo, _: &mut Context<Self>) -> Self::Result {
        Ok(value)
    }
}
impl Handler<Delivery<Seen>> for Desk {
    type Result = Result<(bool, String), RpcError>;
    fn handle(&mut self, seen: Delivery<Seen>, _: &mut Context<Self>) -> Self::Result {
        let is_there = matches!(seen.0, OrUndefined::Value(_));
        Ok((is_there, seen.metadata().header("tenant").unwrap_or_default().to_owned()))
    }
}
impl Handler<Touch> for Desk {
    type Result = Result<(), RpcError>;
    fn handle(&mut self, _: Touch, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}
impl Handler<Never> for Desk {
    type Result = ResponseFuture<Result<(), RpcError>>;
    fn handle(&mut self, _: Never, _: &mut Context<Self>) -> Self::Result {
        Box::pin(std::future::pending())
    }
}
impl Handler<Count> for Desk {
    type Result = ResponseStream<u32, RpcError>;
    fn handle(&mut self, Count(to): Count, _: &mut Context<Self>) -> Self::Result {
        if to > 9 {
            let items = (1..=9).map(Ok).chain([Err(RpcError::new("cannot count that far"))]);
            return ResponseStream::new(futures::stream::iter(items.collect::<Vec<_>>()));
        }
        ResponseStream::of(1..=to)
    }
}

/// A node that listens, its address as the tool takes it, and how often it has summed.
pub(crate) async fn desk() -> (Node, String, Arc<AtomicU64>) {
    let desk = Desk::default();
    let summed = Arc::clone(&desk.summed);
    let node = Node::builder("desk").service(desk).listen(Tcp::port(0)).start().await.expect("a free port");
    let url = format!("tcp://{}", node.listening()[0]);
    (node, url, summed)
}

/// A service by hand: it gives each connection to `serve`.
pub(crate) fn by_hand(serve: impl Fn(std::net::TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.expect("a connection"));
        }
    });
    address
}

/// Waits for one frame, and answers with these, framed.
pub(crate) fn answering(replies: &'static [&'static str]) -> SocketAddr {
    by_hand(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]).expect("a request");
        for reply in replies {
            let frame = format!("{}#{reply}", reply.encode_utf16().count());
            stream.write_all(frame.as_bytes()).expect("the tool reads");
        }
        // Until the tool has closed it, or waited long enough.
        let _ = stream.read(&mut [0; 4096]);
    })
}

/// A directory of its own.
pub(crate) struct Room(TempDir);

impl Room {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("it is there");
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A node whose services can handle nothing: each order is a dead letter of two of them, in this file.
pub(crate) async fn unlucky(store: &Path) -> (Node, [Subscription; 2]) {
    let store = SqliteStore::open(store).expect("a new store");
    let node = Node::builder("shop").dead_letters(store).start().await.expect("it starts");
    let mail = node.subscribe::<OrderCreated>(
        SubscribeOptions::new().name("mail").capacity(10_000),
        async |order: Delivery<OrderCreated>| {
            Err(EventError::msg(format!("no address for {}", order.order_id)))
        },
    );
    let ledger = node.subscribe::<OrderCreated>(
        SubscribeOptions::new().name("ledger").capacity(10_000),
        async |_: Delivery<OrderCreated>| panic!("the books\nare closed\u{1b}[31m"),
    );
    (node, [mail, ledger])
}

/// Emits so many orders, and waits until all that comes of them is in the file.
pub(crate) async fn bury(node: &Node, orders: u64) {
    let before = node.dead_letters().stats().recorded;
    for order_id in 1..=orders {
        node.client().emit(OrderCreated { order_id });
    }
    while node.dead_letters().stats().recorded < before + 2 * orders {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    node.dead_letters().flush().await.expect("the store works");
}

/// A file with the dead letters of so many orders, two of each.
pub(crate) async fn letters(room: &Room, orders: u64) -> String {
    let path = room.path("letters.db");
    let (node, _subscriptions) = unlucky(&path).await;
    bury(&node, orders).await;
    node.shutdown(Duration::from_secs(10)).await;
    text(&path).to_owned()
}

/// As many letters as that, all of one kind: a service that failed so often would be held back between.
pub(crate) async fn many_letters(room: &Room, count: u64) -> String {
    let path = letters(room, 1).await;
    let sample =
        SqliteReader::open(&path).and_then(|reader| reader.list(&Filter::new())).expect("it is a store");
    let sample = sample.letters.into_iter().next().expect("a letter");
    let copy = |_| {
        let mut letter = sample.clone();
        (letter.id, letter.event_id) = (Id::new(), Id::new());
        Change::Record(Box::new(letter))
    };
    let mut changes: Vec<_> = (2..count).map(copy).collect();
    SqliteStore::open(&path).and_then(|mut store| store.write(&mut changes)).expect("it takes them");
    path
}

//! The peer of the tests: a socket, and a codec of its own.

use std::net::SocketAddr;
use std::time::Duration;

use nestling::TcpClient;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Nothing that a test waits for takes as long.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Waits for something that must happen.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.expect("it did not happen in time")
}

/// Waits until something is so that nobody tells of.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    soon(async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

/// Waits for a future on a thread without any runtime.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

pub(crate) fn frame(json: &str) -> String {
    format!("{}#{json}", json.encode_utf16().count())
}

/// A port that listens.
pub(crate) struct Peer {
    listener: TcpListener,
}

impl Peer {
    pub(crate) async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    /// Listens on a port that somebody else had before.
    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        Self { listener: socket.listen(16).unwrap() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub(crate) fn client(&self) -> TcpClient {
        TcpClient::connect(self.address().to_string())
    }

    pub(crate) async fn accept(&self) -> Connection {
        let (stream, _) = soon(self.listener.accept()).await.unwrap();
        Connection { stream, read: Vec::new() }
    }

    /// Whether nobody has connected that was not accepted.
    pub(crate) async fn has_no_other(&self) -> bool {
        let accepted = tokio::time::timeout(Duration::from_millis(50), self.listener.accept()).await;
        accepted.is_err()
    }
}

pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// The next packet; None at the end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        soon(async {
            loop {
                if let Some(packet) = self.cut() {
                    return Some(packet);
                }
                if self.stream.read_buf(&mut self.read).await.unwrap_or(0) == 0 {
                    return None;
                }
            }
        })
        .await
    }

    pub(crate) async fn packet(&mut self) -> Value {
        self.next().await.expect("a packet, and not the end")
    }

    /// The next packet of what has been read, if it is whole.
    fn cut(&mut self) -> Option<Value> {
        let end = self.read.iter().position(|byte| *byte == b'#')?;
        let length: usize = std::str::from_utf8(&self.read[..end]).unwrap().parse().unwrap();
        let valid = self.read[end + 1..].utf8_chunks().next().map_or("", |chunk| chunk.valid());
        let (mut units, mut bytes) = (0, 0);
        for letter in valid.chars() {
            if units == length {
                break;
            }
            units += letter.len_utf16();
            bytes += letter.len_utf8();
        }
        if units < length {
            return None;
        }
        let packet = serde_json::from_str(&valid[..bytes]).unwrap();
        self.read.drain(..end + 1 + bytes);
        Some(packet)
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.stream.write_all(bytes.as_ref())).await.unwrap();
    }

    /// Answers with a packet that has the request's id.
    pub(crate) async fn reply(&mut self, request: &Value, mut packet: Value) {
        packet["id"] = request["id"].clone();
        self.write(frame(&packet.to_string())).await;
    }

    /// Answers with a value, as NestJS does.
    pub(crate) async fn respond(&mut self, request: &Value, response: Value) {
        self.reply(request, json!({ "response": response, "isDisposed": true })).await;
    }

    /// Closes it so that the other end learns at once.
    pub(crate) fn reset(self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// Waits for the other end to close.
    pub(crate) async fn end(&mut self) {
        while self.next().await.is_some() {}
    }
}

//! The gateway on a port of its own, a client that speaks just enough HTTP, and a service that misbehaves on demand.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use actix_web::{App, HttpServer};
use http_gateway::{OrderError, OrderPlaced, PlaceOrder, routes};
use nestling::prelude::*;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

const LIMIT: Duration = Duration::from_secs(20);

/// A gateway that listens.
pub(crate) struct Gateway {
    address: SocketAddr,
    server: Option<actix_web::dev::ServerHandle>,
}

impl Gateway {
    /// Serves with this client, on a free port.
    pub(crate) fn serve(client: Client) -> Self {
        let server = HttpServer::new(move || App::new().configure(routes(client.clone())));
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { address, server: Some(handle) }
    }

    /// Runs the example's own binary, on a free port.
    pub(crate) async fn start_program() -> (Program, Self) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_http_gateway"))
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut program = Program { child, lines };
        let line = program.next_line().await.expect("it says where it listens");
        let address = line.strip_prefix("listening on http://").expect(&line).parse().unwrap();
        (program, Self { address, server: None })
    }

    /// Sends a request and does not wait for the response.
    pub(crate) async fn begin(&self, ask: Ask) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let Ask { body, headers } = ask;
        let request = format!(
            "POST /orders HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// Sends a request and reads the response to its end.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        let mut stream = self.begin(ask).await;
        let mut text = String::new();
        tokio::time::timeout(LIMIT, stream.read_to_string(&mut text)).await.expect("an answer").unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            drop(server.stop(false));
        }
    }
}

/// The example's own binary.
pub(crate) struct Program {
    pub(crate) child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    pub(crate) async fn next_line(&mut self) -> Option<String> {
        tokio::time::timeout(LIMIT, self.lines.next_line()).await.expect("a line, or the end").unwrap()
    }
}

/// A request.
pub(crate) struct Ask {
    body: String,
    headers: String,
}

impl Ask {
    pub(crate) fn order(product: &str, quantity: u32) -> Self {
        Self::body(&serde_json::json!({ "product": product, "quantity": quantity }).to_string())
    }

    pub(crate) fn body(body: &str) -> Self {
        Self { body: body.to_owned(), headers: String::new() }
    }

    pub(crate) fn header(mut self, line: &str) -> Self {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }
}

/// A response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// Waits until `condition` holds.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let holds = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(LIMIT, holds).await.expect("the condition holds in time");
}

/// Takes orders, with room for one in its lane, and does what the product's name says.
pub(crate) struct Stubborn;

impl Actor for Stubborn {
    type Context = Context<Self>;
}
impl Supervised for Stubborn {}
impl Service for Stubborn {
    const NAME: &'static str = "stubborn";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Delivery<PlaceOrder>>().request_capacity(1);
    }
}
impl Handler<Delivery<PlaceOrder>> for Stubborn {
    type Result = AtomicResponse<Self, Result<OrderPlaced, OrderError>>;

    fn handle(&mut self, order: Delivery<PlaceOrder>, _: &mut Context<Self>) -> Self::Result {
        assert!(order.product != "panic", "told to");
        AtomicResponse::new(Box::pin(
            async move {
                match order.product.as_str() {
                    "never" | "pause" => std::future::pending().await,
                    "correlation" => {
                        Err(OrderError::NoSuchProduct { product: order.correlation_id().to_string() })
                    }
                    _ => Ok(OrderPlaced { order_id: 1, left: 0 }),
                }
            }
            .into_actor(self),
        ))
    }
}

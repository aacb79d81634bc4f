//! A service that moves to another process changes one line of a node's builder: what is sent, how it is typed, what
//! fails and how, and what is correlated stay the same. Local handlers win unless the builder says otherwise.

use futures::StreamExt;
use nestling::prelude::*;
use nestling::{Tcp, TcpClient};

use crate::support::*;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "check_stock", response = u32, error = NotThere)]
struct CheckStock {
    product: String,
}

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("stock.watched", item = u32, error = NotThere)]
struct WatchStock {
    product: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("there is no {product}")]
struct NotThere {
    product: String,
}

/// The stock, under the name of the place where it is.
struct Stock {
    level: u32,
    log: Log,
}
impl Actor for Stock {
    type Context = Context<Self>;
}
impl Supervised for Stock {}
impl Service for Stock {
    const NAME: &'static str = "stock";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Delivery<CheckStock>>().stream::<WatchStock>();
    }
}
impl Handler<Delivery<CheckStock>> for Stock {
    type Result = Result<u32, NotThere>;
    fn handle(&mut self, check: Delivery<CheckStock>, _: &mut Context<Self>) -> Self::Result {
        let tenant = check.metadata().header("tenant").unwrap_or("nobody").to_owned();
        self.log.push(format!("{} for {tenant}", check.correlation_id()));
        match check.product.as_str() {
            "unicorn" => Err(NotThere { product: check.product.clone() }),
            "bomb" => panic!("do not touch"),
            _ => Ok(self.level),
        }
    }
}
impl Handler<WatchStock> for Stock {
    type Result = ResponseStream<u32, NotThere>;
    fn handle(&mut self, _: WatchStock, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::of(self.level..self.level + 3)
    }
}

/// Asks the stock, wherever it is.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("orders.place", response = u32, error = NotThere)]
struct Place {
    product: String,
}

#[derive(Service)]
#[service("orders", messages(Place))]
struct Orders;
impl Handler<Place> for Orders {
    type Result = ResponseFuture<Result<u32, NotThere>>;
    fn handle(&mut self, Place { product }: Place, ctx: &mut Context<Self>) -> Self::Result {
        let client = ctx.client();
        Box::pin(async move {
            match client.header("tenant", "acme").send(CheckStock { product }).await {
                Ok(level) => Ok(level),
                Err(RequestError::Handler(error)) => Err(error),
                Err(other) => Err(NotThere { product: other.to_string() }),
            }
        })
    }
}

async fn stock_alone(level: u32, log: &Log) -> (Node, TcpClient) {
    let stock = Stock { level, log: log.clone() };
    let node = Node::builder("warehouse").service(stock).listen(Tcp::port(0)).start().await.unwrap();
    let client = TcpClient::connect(node.listening()[0].to_string());
    (node, client)
}

fn product(name: &str) -> String {
    name.to_owned()
}

#[actix::test]
async fn what_is_sent_goes_there_and_comes_back_the_same() {
    let log = Log::default();
    let here = Node::builder("shop").service(Orders).service(Stock { level: 7, log: log.clone() });
    let here = here.start().await.unwrap();
    let (warehouse, peer) = stock_alone(7, &log).await;
    let there = Node::builder("shop").service(Orders).remote::<(CheckStock, WatchStock)>(&peer);
    let there = there.start().await.unwrap();
    for node in [here, there] {
        let client = node.client().correlation("order-1");
        assert_eq!(client.send(Place { product: product("cd") }).await, Ok(7));
        let error = NotThere { product: product("unicorn") };
        let refused = client.send(Place { product: product("unicorn") }).await;
        assert_eq!(refused, Err(RequestError::Handler(error)));
        assert_eq!(
            client.send_json("orders.place", serde_json::json!({ "product": "lp" })).await,
            Ok(7.into())
        );
        let watched: Vec<_> = client.stream(WatchStock { product: product("cd") }).collect().await;
        assert_eq!(watched, [Ok(7), Ok(8), Ok(9)]);
        let misfit = client.send_json(serde_json::json!({ "cmd": "check_stock" }), 5).await.unwrap_err();
        assert!(misfit.to_string().contains("check_stock"), "{misfit}");
    }
    let lines = log.lines();
    assert_eq!(lines.len(), 6);
    assert!(lines.iter().all(|line| line == "order-1 for acme"), "{lines:?}");
    warehouse.shutdown(Duration::from_secs(1)).await;
}

#[actix::test]
async fn what_fails_there_fails_here() {
    let (warehouse, peer) = stock_alone(1, &Log::default()).await;
    let shop = Node::builder("shop").remote::<CheckStock>(&peer).start().await.unwrap();
    let panicked = shop.client().send(CheckStock { product: product("bomb") }).await;
    let Err(RequestError::Remote(error)) = panicked else { panic!("{panicked:?}") };
    assert!(error.message().contains("panicked") && !error.message().contains("touch"), "{error}");
    warehouse.shutdown(Duration::from_secs(1)).await;
    let gone = shop.client().send(CheckStock { product: product("cd") }).await;
    assert!(matches!(gone, Err(RequestError::Transport { .. })), "{gone:?}");
}

#[actix::test]
async fn local_handlers_win_unless_told_otherwise() {
    let (_warehouse, peer) = stock_alone(1, &Log::default()).await;
    let builder = || {
        let stock = Stock { level: 2, log: Log::default() };
        Node::builder("shop").service(stock).remote::<CheckStock>(&peer)
    };
    for (builder, level) in [(builder(), 2), (builder().prefer_remote(), 1)] {
        let node = builder.start().await.unwrap();
        assert_eq!(node.client().send(CheckStock { product: product("cd") }).await, Ok(level));
        let there: serde_json::Value = serde_json::json!({ "cmd": "check_stock" });
        let payload = serde_json::json!({ "product": "cd" });
        assert_eq!(node.client().send_json(there, payload).await, Ok(level.into()));
    }
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("secret", response = u32, error = NotThere, internal)]
struct Secret;

#[actix::test]
async fn what_does_not_fit_together_is_named() {
    let (one, other) = (TcpClient::connect("127.0.0.1:1"), TcpClient::connect("127.0.0.1:2"));
    let builder = Node::builder("shop").remote::<CheckStock>(&one).remote::<(CheckStock, Secret)>(&other);
    let error = builder.start().await.unwrap_err().to_string();
    for part in ["127.0.0.1:1", "127.0.0.1:2", "both to answer", "check_stock", "Secret", "internal"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

//! A sender may have its own Rust type for a route, as if the service were in another process: its message and its
//! response are translated through JSON.

use nestling::prelude::*;

use crate::support::Refused;

/// As the service declares it.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "price", response = Price, error = Refused, validate = is_asked_for)]
struct GetPrice {
    product: String,
    #[serde(default)]
    quantity: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Price {
    cents: u64,
    currency: String,
}

fn is_asked_for(message: &GetPrice) -> Result<(), String> {
    if message.quantity > 99 { Err("`quantity` is above 99".to_owned()) } else { Ok(()) }
}

#[derive(Service)]
#[service("prices", messages(Delivery<GetPrice>))]
struct Prices;

impl Handler<Delivery<GetPrice>> for Prices {
    type Result = ResponseFuture<Result<Price, Refused>>;
    fn handle(&mut self, message: Delivery<GetPrice>, _: &mut Context<Self>) -> Self::Result {
        let tenant = message.metadata().header("tenant").unwrap_or("none").to_owned();
        Box::pin(async move {
            tokio::task::yield_now().await;
            match message.product.as_str() {
                "panic" => panic!("no price"),
                "never" => std::future::pending().await,
                "free" => Err(Refused(0)),
                _ => Ok(Price { cents: u64::from(message.quantity) * 100, currency: tenant }),
            }
        })
    }
}

/// What the sender knows of it.
mod sender {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, MessagePattern)]
    #[message_pattern(cmd = "price", response = Cents, error = Refused)]
    pub(super) struct AskPrice {
        pub(super) product: String,
        pub(super) quantity: i64,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    pub(super) struct Cents {
        pub(super) cents: u64,
    }

    #[derive(Debug, Serialize, Deserialize, MessagePattern)]
    #[message_pattern(cmd = "price", response = String, error = Other)]
    pub(super) struct Misunderstood {
        pub(super) product: String,
    }

    #[derive(Debug, Serialize, Deserialize, MessagePattern)]
    #[message_pattern(cmd = "price", response = Cents, error = Refused)]
    pub(super) struct Unwritable {
        #[serde(serialize_with = "has_no_text")]
        pub(super) product: String,
    }

    fn has_no_text<S: serde::Serializer>(_: &str, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it has no text"))
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
    #[error("{code}")]
    pub(super) struct Other {
        pub(super) code: String,
    }
}
use sender::{AskPrice, Cents, Misunderstood, Unwritable};

fn ask(product: &str, quantity: i64) -> AskPrice {
    AskPrice { product: product.to_owned(), quantity }
}

#[actix::test]
async fn it_is_translated_both_ways() {
    let node = Node::builder("test").service(Prices).start().await.unwrap();
    let client = node.client().header("tenant", "acme");
    assert_eq!(client.send(ask("disc", 3)).await, Ok(Cents { cents: 300 }));
    assert_eq!(client.send(ask("free", 1)).await, Err(RequestError::Handler(Refused(0))));
    let typed = client.send(GetPrice { product: "disc".into(), quantity: 2 }).await.unwrap();
    assert_eq!((typed.cents, typed.currency.as_str()), (200, "acme"), "its own type needs no translation");
}

#[actix::test]
async fn what_does_not_fit_says_what() {
    let node = Node::builder("test").service(Prices).start().await.unwrap();
    let client = node.client();
    let pattern = || String::from(r#"{"cmd":"price"}"#);
    let decode = |answer: Result<Cents, RequestError<Refused>>| match answer {
        Err(RequestError::Decode { pattern: named, message }) if named == pattern() => message,
        other => panic!("{other:?}"),
    };
    let message = decode(client.send(ask("disc", -1)).await);
    assert!(message.contains("quantity: invalid value: integer `-1`"), "{message}");
    let message = "`quantity` is above 99".to_owned();
    assert_eq!(
        client.send(ask("disc", 100)).await,
        Err(RequestError::Invalid { pattern: pattern(), message })
    );
    let misread = client.send(Misunderstood { product: "disc".into() }).await.unwrap_err().to_string();
    assert!(misread.contains("the response does not fit `alloc::string::String`"), "{misread}");
    let misread = client.send(Misunderstood { product: "free".into() }).await.unwrap_err().to_string();
    assert!(misread.contains("the service's error 0 does not fit"), "{misread}");
}

#[actix::test]
async fn a_payload_that_cannot_be_written_is_not_sent() {
    let node = Node::builder("test").service(Prices).start().await.unwrap();
    let answer = node.client().send(Unwritable { product: "disc".into() }).await;
    let pattern = r#"{"cmd":"price"}"#.to_owned();
    let message = "the payload cannot be serialised: it has no text".to_owned();
    assert_eq!(answer, Err(RequestError::Encode { pattern, message }));
    assert_eq!(node.stats().services[0].requests.received, 0);
}

#[actix::test]
async fn its_failures_are_those_of_any_request() {
    let node = Node::builder("test").service(Prices).start().await.unwrap();
    let client = node.client();
    let panicked = client.send(ask("panic", 1)).await;
    assert!(matches!(panicked, Err(RequestError::Panicked { .. })), "{panicked:?}");
    let timed_out = client.send(ask("never", 1)).timeout(Duration::from_millis(20)).await;
    assert!(matches!(timed_out, Err(RequestError::Timeout { .. })), "{timed_out:?}");
    let given_up = tokio::time::timeout(Duration::from_millis(20), client.send(ask("never", 1))).await;
    assert!(given_up.is_err());
    crate::support::until(|| node.stats().services[0].requests.in_flight == 0).await;
    assert_eq!(client.send(ask("disc", 1)).await, Ok(Cents { cents: 100 }));
}

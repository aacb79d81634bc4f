//! An event from the wire that nobody may have, or whose payload is not what its subscriber takes, is a dead letter.

use nestling::Tcp;
use nestling::prelude::*;

use crate::support::{Log, Peer, letters, node};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("price.set", validate = positive)]
struct PriceSet {
    cents: i64,
}

fn positive(price: &PriceSet) -> Result<(), String> {
    if price.cents > 0 { Ok(()) } else { Err("cents must be positive".to_owned()) }
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("inner", internal)]
struct Inner;

#[derive(Service)]
#[service("prices", events(PriceSet, Inner))]
struct Prices(Log);

impl Handler<PriceSet> for Prices {
    type Result = Result<(), EventError>;
    fn handle(&mut self, price: PriceSet, _: &mut Context<Self>) -> Self::Result {
        self.0.push(price.cents.to_string());
        Ok(())
    }
}

impl Handler<Inner> for Prices {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Inner, _: &mut Context<Self>) -> Self::Result {
        self.0.push("inner");
        Ok(())
    }
}

async fn prices() -> (Node, Peer, Log) {
    let log = Log::default();
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Prices(log.clone())).start().await.unwrap();
    let peer = Peer::to(&node).await;
    (node, peer, log)
}

#[actix::test]
async fn patterns_that_nobody_may_have() {
    let (node, mut peer, log) = prices().await;
    let patterns = [r#""$service.started""#, r#""""#, r#""inner""#, r#""a.*""#, r#""a b""#, "null", "true"];
    for (n, pattern) in patterns.iter().enumerate() {
        peer.send(&format!(r#"{{"pattern":{pattern},"data":{n},"metadata":{{"x-message-id":"m{n}"}}}}"#))
            .await;
    }
    let letters = letters(&node, patterns.len()).await;
    assert_eq!(letters.len(), patterns.len());
    for (n, letter) in letters.iter().enumerate() {
        assert_eq!((letter.reason, letter.payload.get()), (Reason::Invalid, n.to_string().as_str()));
        assert_eq!(letter.event_id.to_string(), format!("m{n}"));
    }
    assert!(letters[2].error_message.contains("`inner` is internal"), "{}", letters[2].error_message);
    assert_eq!(log.len(), 0);
    peer.expect_well().await;
}

#[actix::test]
async fn payloads_that_do_not_fit() {
    let (node, mut peer, log) = prices().await;
    peer.send(r#"{"pattern":"price.set","data":{"cents":"many"}}"#).await;
    peer.send(r#"{"pattern":"price.set","data":{"cents":-1}}"#).await;
    peer.send(r#"{"pattern":"price.set","data":{"cents":5}}"#).await;
    let letters = letters(&node, 2).await;
    let told: Vec<_> =
        letters.iter().map(|letter| (letter.reason, letter.service.as_str(), letter.payload.get())).collect();
    assert_eq!(
        told,
        [(Reason::Decode, "prices", r#"{"cents":"many"}"#), (Reason::Invalid, "prices", r#"{"cents":-1}"#)]
    );
    assert!(letters[0].error_message.contains("cents"), "{}", letters[0].error_message);
    crate::support::until("the good one is handled", || log.lines() == ["5"]).await;
}

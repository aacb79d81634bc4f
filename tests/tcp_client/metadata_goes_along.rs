//! Ids and headers go along, under the names that both ends know.

use nestling::prelude::*;
use serde_json::json;

use crate::peer::{Peer, soon};
use crate::types::{Counted, Double};

#[tokio::test]
async fn of_events_and_of_scoped_requests() {
    let peer = Peer::start().await;
    let client =
        peer.client().header("tenant", "acmé").header("traceparent", "00-1-2-01").correlation("order-17");
    // The ids' own names belong to the ids.
    client.header("x-message-id", "forged").header("x-causation-id", "forged").emit(Counted(1)).unwrap();
    let asked = tokio::spawn(async move { client.send(Double(1)).await });
    let mut connection = peer.accept().await;
    for is_request in [false, true] {
        let packet = connection.packet().await;
        assert_eq!(packet.get("id").is_some(), is_request);
        let id = packet["metadata"]["x-message-id"].clone();
        assert!(id.is_string() && id != "forged", "{packet}");
        let expected = json!({
            "x-message-id": id, "x-correlation-id": "order-17", "tenant": "acmé", "traceparent": "00-1-2-01",
        });
        assert_eq!(packet["metadata"], expected);
        if is_request {
            connection.respond(&packet, json!(2)).await;
        }
    }
    assert_eq!(soon(asked).await.unwrap(), Ok(2));
}

/// Passes on what it gets.
#[derive(Service)]
#[service("relay", events(Counted))]
struct Relay {
    to: Client,
}

impl Handler<Counted> for Relay {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, Counted(n): Counted, _: &mut Context<Self>) -> Self::Result {
        let to = self.to.clone();
        Box::pin(async move {
            to.emit(Counted(n + 1));
            to.send(Double(n)).await?;
            Ok(())
        })
    }
}

#[actix::test]
async fn what_a_handler_sends_inherits_from_what_it_has_in_hand() {
    let peer = Peer::start().await;
    let remote = peer.client();
    let node = Node::builder("test").service(Relay { to: remote.client() }).start().await.unwrap();
    node.client().correlation("first").emit(Counted(1));
    let mut connection = peer.accept().await;
    let event = connection.packet().await;
    let request = connection.packet().await;
    connection.respond(&request, json!(2)).await;
    let causation = &event["metadata"]["x-causation-id"];
    assert!(causation.is_string(), "{event}");
    for packet in [&event, &request] {
        assert_eq!(packet["metadata"]["x-correlation-id"], "first");
        assert_eq!(&packet["metadata"]["x-causation-id"], causation);
    }
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert_eq!(report.stats.total().handled, 1, "{report:?}");
}

//! NestJS 12's `metadata`: ids and headers reach the handler, of requests and of events. Without it all is the same.

use std::sync::{Arc, Mutex};

use nestling::prelude::*;
use nestling::{Metadata, Tcp};

use crate::support::{Never, Peer, node, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("look", response = (), error = Never)]
struct Look;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("looked")]
struct Looked;

#[derive(Service)]
#[service("looker", messages(Delivery<Look>), events(Delivery<Looked>))]
struct Looker(Arc<Mutex<Vec<Metadata>>>);

impl Handler<Delivery<Look>> for Looker {
    type Result = Result<(), Never>;
    fn handle(&mut self, look: Delivery<Look>, _: &mut Context<Self>) -> Self::Result {
        self.0.lock().unwrap().push(look.metadata().clone());
        Ok(())
    }
}

impl Handler<Delivery<Looked>> for Looker {
    type Result = Result<(), EventError>;
    fn handle(&mut self, looked: Delivery<Looked>, _: &mut Context<Self>) -> Self::Result {
        self.0.lock().unwrap().push(looked.metadata().clone());
        Ok(())
    }
}

/// What two packets with this metadata bring: a request and an event.
async fn seen(metadata: &str) -> Vec<Metadata> {
    let seen = Arc::default();
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Looker(Arc::clone(&seen))).start().await.unwrap();
    let mut peer = Peer::to(&node).await;
    peer.send(&format!(r#"{{"pattern":"looked","data":null{metadata}}}"#)).await;
    until("the event is handled", || seen.lock().unwrap().len() == 1).await;
    let reply = peer.ask(&format!(r#"{{"pattern":"look","data":null{metadata},"id":1}}"#)).await;
    assert_eq!(reply, r#"{"isDisposed":true,"id":1}"#, "no reply ever carries it");
    seen.lock().unwrap().clone()
}

#[actix::test]
async fn ids_and_headers() {
    let metadata = r#","metadata":{"x-message-id":"m1","x-correlation-id":"c1","x-causation-id":"a1",
        "traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tenant":"é","n":7,"no":null}"#;
    let all = seen(metadata).await;
    assert_eq!(all.len(), 2);
    for metadata in all {
        assert_eq!(metadata.id().to_string(), "m1");
        assert_eq!(metadata.correlation_id().to_string(), "c1");
        assert_eq!(metadata.causation_id().map(ToString::to_string).as_deref(), Some("a1"));
        assert_eq!(metadata.traceparent(), Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        assert_eq!(metadata.header("tenant"), Some("é"));
        assert_eq!(metadata.header("n"), Some("7"));
        assert_eq!(metadata.header("x-message-id"), None, "it is no header of the user's");
        assert_eq!(metadata.headers().len(), 3);
    }
}

#[actix::test]
async fn or_none_at_all() {
    for metadata in ["", r#","metadata":{}"#, r#","metadata":null"#, r#","metadata":[1]"#] {
        for metadata in seen(metadata).await {
            assert!(!metadata.id().to_string().is_empty());
            assert_eq!(metadata.correlation_id(), metadata.id());
            assert_eq!(metadata.causation_id(), None);
            assert!(metadata.headers().is_empty());
        }
    }
}

#[actix::test]
async fn ids_that_are_none_are_passed_over() {
    let long = "x".repeat(10_000);
    for id in ["", long.as_str()] {
        for metadata in
            seen(&format!(r#","metadata":{{"x-message-id":"{id}","x-correlation-id":"{id}"}}"#)).await
        {
            assert!((1..=256).contains(&metadata.id().to_string().len()));
            assert_eq!(metadata.correlation_id(), metadata.id());
        }
    }
}

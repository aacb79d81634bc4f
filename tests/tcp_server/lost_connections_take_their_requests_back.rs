//! When a connection has gone, its requests that were not begun never are, and what runs is dropped.

use nestling::Tcp;
use nestling::prelude::*;

use crate::support::{Never, Peer, Seen, frame, started, started_with, until};

/// Handles one request at a time.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("alone", response = (), error = Never)]
struct Alone;

#[derive(Service)]
#[service("alone", messages(Alone))]
struct One(Seen);

impl Handler<Alone> for One {
    type Result = AtomicResponse<Self, Result<(), Never>>;
    fn handle(&mut self, _: Alone, _: &mut Context<Self>) -> Self::Result {
        self.0.begun.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        // Nothing else reaches this service meanwhile.
        let seen = self.0.clone();
        AtomicResponse::new(Box::pin(
            async move {
                while seen.items() == 0 {
                    tokio::task::yield_now().await;
                }
                Ok(())
            }
            .into_actor(self),
        ))
    }
}

#[actix::test]
async fn what_was_not_begun_never_is() {
    let seen = Seen::default();
    let (builder, _) = crate::support::node(Tcp::port(0));
    let node = builder.service(One(seen.clone())).start().await.unwrap();
    let mut busy = Peer::to(&node).await;
    busy.send(r#"{"pattern":"alone","data":null,"id":"busy"}"#).await;
    until("the service is busy", || seen.begun() == 1).await;

    let mut peer = Peer::to(&node).await;
    for n in 0..10 {
        peer.send(&format!(r#"{{"pattern":"alone","data":null,"id":{n}}}"#)).await;
    }
    let queued = || node.stats().services.iter().map(|service| service.requests.queued).sum::<u64>();
    until("ten are queued", || queued() == 10).await;
    drop(peer);
    // The server has seen the end of that connection when the next one's requests are answered: both wait for the
    // same thread. What is left in the lane is passed over.
    Peer::to(&node).await.expect_well().await;
    let mut last = Peer::to(&node).await;
    last.send(r#"{"pattern":"alone","data":null,"id":"last"}"#).await;
    until("the last is queued", || queued() > 0).await;
    seen.items.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(last.json().await["id"], "last");
    assert_eq!(seen.begun(), 2, "the first and the last");
    assert_eq!(busy.json().await["id"], "busy");
}

#[actix::test]
async fn a_handler_that_runs_is_dropped() {
    let (node, seen) = started().await;
    let mut peer = Peer::to(&node).await;
    peer.send(r#"{"pattern":"held","data":1,"id":1}"#).await;
    until("it runs", || seen.begun() == 1).await;
    drop(peer);
    until("it is dropped", || seen.dropped() == 1).await;
}

#[actix::test]
async fn a_stream_is_dropped() {
    let (node, seen) = started().await;
    let mut peer = Peer::to(&node).await;
    assert_eq!(peer.ask_json(r#"{"pattern":"open","data":null,"id":1}"#).await["response"], 1);
    drop(peer);
    until("it is dropped", || seen.dropped() == 1).await;
}

#[actix::test]
async fn also_where_the_socket_is_not_read() {
    // What is looked at now and then is looked at often.
    let tcp = Tcp::port(0).max_in_flight(1).frame_time(Duration::from_millis(100));
    let (node, seen) = started_with(tcp).await;
    let mut peer = Peer::to(&node).await;
    peer.write(frame(r#"{"pattern":"open","data":null,"id":1}"#).repeat(3)).await;
    assert_eq!(peer.json().await["response"], 1);
    drop(peer);
    until("it is dropped", || seen.dropped() == 1).await;
    Peer::to(&node).await.expect_well().await;
    assert_eq!(seen.begun(), 1, "the others are not begun");
}

//! A peer's requests reach services on threads of their own, and events do.

use nestling::prelude::*;
use nestling::{Placement, Tcp};

use crate::support::{Desk, Log, Peer, frame, until};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("ping")]
struct Ping;

#[derive(Service)]
#[service("pinged", events(Ping))]
struct Pinged(Log);

impl Handler<Ping> for Pinged {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Ping, _: &mut Context<Self>) -> Self::Result {
        self.0.push("ping");
        Ok(())
    }
}

async fn check(placement: Placement, others: Placement) {
    let (desk, log) = (Desk::default(), Log::default());
    let (seen, pinged) = (desk.0.clone(), log.clone());
    let node = Node::builder("hall")
        .service_on(placement, move |_| desk.clone())
        .service_on(others, move |_| Pinged(log.clone()))
        .listen(Tcp::port(0))
        .start()
        .await
        .unwrap();
    let mut peer = Peer::to(&node).await;
    // Many at once: what is ready at the first look, and what is later.
    let requests: Vec<u8> =
        (0..2_000).flat_map(|n| frame(&format!(r#"{{"pattern":"sum","data":[{n}],"id":{n}}}"#))).collect();
    peer.write(requests).await;
    let mut answered = vec![false; 2_000];
    for _ in 0..2_000 {
        let reply = peer.json().await;
        let id = usize::try_from(reply["id"].as_u64().unwrap()).unwrap();
        assert_eq!(reply["response"], id);
        assert!(!std::mem::replace(&mut answered[id], true));
    }
    // One by one: each wakes a connection that sleeps.
    for _ in 0..500 {
        peer.expect_well().await;
    }
    peer.send(r#"{"pattern":"items","data":{"bytes":10,"count":5000},"id":1}"#).await;
    for n in 1..=5_000 {
        let reply = peer.json().await;
        assert!(reply["response"].is_string() || n == 5_000, "{reply}");
        if n == 5_000 && reply.get("isDisposed").is_none() {
            assert_eq!(peer.json().await["isDisposed"], true);
        }
    }
    peer.send(r#"{"pattern":"held","data":1,"id":1}"#).await;
    until("it is begun", || seen.begun() == 1).await;
    peer.send(r#"{"pattern":"ping","data":null}"#).await;
    until("the event is handled", || pinged.len() == 1).await;
    drop(peer);
    until("it is dropped", || seen.dropped() == 2).await;
}

#[actix::test]
async fn on_threads_of_their_own() {
    check(Placement::Dedicated, Placement::Dedicated).await;
}

#[actix::test]
async fn on_an_arbiter() {
    let arbiter = actix::Arbiter::new();
    check(Placement::On(arbiter.handle()), Placement::On(arbiter.handle())).await;
    arbiter.stop();
}

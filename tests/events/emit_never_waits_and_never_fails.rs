//! `emit` returns `()` at once, whatever its subscribers do: one is given up, one is slow, one panics, one blocks its
//! thread, one has no room, and for one event there is none.

use std::sync::mpsc;

use nestling::prelude::*;

use crate::support::{Gate, Tick, Tock, letters, until};

struct GivenUp;
impl Actor for GivenUp {
    type Context = Context<Self>;
}
impl Supervised for GivenUp {}
impl Service for GivenUp {
    const NAME: &'static str = "given-up";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>().max_restarts(0, Duration::from_secs(60));
    }
}
impl Handler<Tick> for GivenUp {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        panic!("it cannot be helped")
    }
}

struct Blocking(mpsc::Receiver<()>);
impl Actor for Blocking {
    type Context = Context<Self>;
}
impl Supervised for Blocking {}
impl Service for Blocking {
    const NAME: &'static str = "blocking";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>();
    }
}
impl Handler<Tick> for Blocking {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        // An error means that the test has let go of it.
        let _ = self.0.recv();
        Ok(())
    }
}

#[actix::test]
async fn whatever_the_subscribers_do() {
    const EVENTS: u32 = 500;
    let (release, blocked) = mpsc::channel();
    let blocked = std::sync::Mutex::new(Some(blocked));
    let node = Node::builder("test")
        .service(GivenUp)
        .service_on(Placement::Dedicated, move |_| Blocking(blocked.lock().unwrap().take().unwrap()))
        .start()
        .await
        .unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    let slow = node.subscribe::<Tick>(SubscribeOptions::new().name("slow").capacity(10), async move |_| {
        held.pass().await;
        Ok(())
    });
    let panicking = node.subscribe::<Tick>(SubscribeOptions::new().name("panicking"), async |_| panic!("no"));

    for n in 0..EVENTS {
        let () = node.client().emit(Tick { n });
        let () = node.client().emit(Tock { n });
    }
    until("the given-up service has refused all", || {
        node.stats().subscription("given-up", "tick").unwrap().dead_lettered == u64::from(EVENTS)
    })
    .await;
    until("the panicking one has failed twice", || panicking.stats().dead_lettered >= 2).await;
    let waiting = slow.stats();
    // Its lane holds ten, and it may have taken the first before or after it was full.
    assert!(waiting.in_flight == 1 && (9..=10).contains(&waiting.queued), "{waiting:?}");
    assert_eq!(waiting.dead_lettered, u64::from(EVENTS) - 1 - waiting.queued, "{waiting:?}");

    drop(release);
    drop(panicking);
    gate.open(EVENTS as usize);
    let report = node.shutdown(Duration::from_secs(10)).await;
    assert!(report.drained && report.stats.balances(), "{report:?}");
    assert_eq!(report.stats.no_subscriber, u64::from(EVENTS));
    assert_eq!(slow.stats().handled, 1 + waiting.queued);
}

#[actix::test]
async fn also_when_the_node_has_shut_down() {
    let node = Node::builder("test").start().await.unwrap();
    let (client, dead_letters) = (node.client(), node.dead_letters());
    assert!(letters(&node).await.is_empty());
    node.shutdown(Duration::from_secs(1)).await;
    let () = client.emit(Tick { n: 1 });
    // Its store is closed, so that the event can only be counted and logged as lost.
    until("it is counted", || dead_letters.stats().dropped == 1).await;
}

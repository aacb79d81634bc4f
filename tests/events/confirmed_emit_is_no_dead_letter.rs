//! A confirmed emit that fails belongs to its caller: the event is not also a dead letter, and nobody handles it later.

use std::pin::pin;

use futures::future::poll_immediate;
use nestling::EmitError;
use nestling::prelude::*;

use crate::support::{Gate, Log, Tick, idle, letters, until};

struct Held {
    node: Node,
    gate: Gate,
    seen: Log<u32>,
    subscription: Subscription,
}

/// A subscriber that holds one event in hand and one in its full lane.
async fn held() -> Held {
    let node = Node::builder("test").start().await.unwrap();
    let (gate, seen) = (Gate::closed(), Log::default());
    let (held, log) = (gate.clone(), seen.clone());
    let options = SubscribeOptions::new().name("narrow").capacity(1);
    let subscription = node.subscribe::<Tick>(options, async move |tick: Delivery<Tick>| {
        held.pass().await;
        log.push(tick.n);
        Ok(())
    });
    node.client().emit(Tick { n: 0 });
    until("one is in hand", || subscription.stats().in_flight == 1).await;
    node.client().emit(Tick { n: 1 });
    until("the lane is full", || subscription.stats().queued == 1).await;
    Held { node, gate, seen, subscription }
}

impl Held {
    /// Lets everything through and looks at what has come of it.
    async fn handles_nothing_else(self) {
        self.gate.open(10);
        idle(&self.node).await;
        assert_eq!(self.seen.all(), [0, 1]);
        assert_eq!(letters(&self.node).await.len(), 0);
        let report = self.node.shutdown(Duration::from_secs(5)).await;
        assert!(report.drained && report.stats.balances(), "{report:?}");
        assert_eq!(report.stats.total().delivered, 2);
    }
}

#[actix::test]
async fn after_its_finite_timeout() {
    let held = held().await;
    let _wide = held.node.subscribe::<Tick>(SubscribeOptions::new(), async |_| Ok(()));
    let timeout = Duration::from_millis(30);
    let error = held.node.client().emit_confirmed(Tick { n: 2 }).timeout(timeout).await.unwrap_err();
    assert_eq!(
        error,
        EmitError::Timeout { pattern: "tick".to_owned(), after: timeout, taken: 1, subscribers: 2 }
    );
    held.gate.open(10);
    idle(&held.node).await;
    assert_eq!(held.seen.all(), [0, 1]);
    assert!(letters(&held.node).await.is_empty());
}

#[actix::test]
async fn by_the_nodes_default_timeout() {
    let node = Node::builder("test").emit_timeout(Duration::from_millis(20)).start().await.unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    let subscription = node.subscribe::<Tick>(SubscribeOptions::new().capacity(1), async move |_| {
        held.pass().await;
        Ok(())
    });
    node.client().emit(Tick { n: 0 });
    until("one is in hand", || subscription.stats().in_flight == 1).await;
    node.client().emit_confirmed(Tick { n: 1 }).await.unwrap();
    let error = node.client().emit_confirmed(Tick { n: 2 }).await.unwrap_err();
    assert!(matches!(error, EmitError::Timeout { taken: 0, subscribers: 1, .. }), "{error}");
    gate.open(2);
    idle(&node).await;
}

#[actix::test]
async fn when_its_sender_has_gone() {
    let held = held().await;
    let client = held.node.client();
    {
        let mut confirmed = pin!(client.emit_confirmed(Tick { n: 2 }).into_future());
        assert!(poll_immediate(&mut confirmed).await.is_none());
        until("the registry has it", || held.node.stats().registry_backlog == 0).await;
    }
    // What the registry does for the sender it does on this thread, behind this.
    let probe = held.node.client().emit_confirmed(Tick { n: 3 }).timeout(Duration::from_millis(20)).await;
    assert!(probe.is_err());
    held.handles_nothing_else().await;
}

#[actix::test]
async fn when_its_subscriber_goes() {
    let Held { node, gate, seen, subscription } = held().await;
    let client = node.client();
    let waiting = tokio::task::spawn_local(client.emit_confirmed(Tick { n: 2 }).into_future());
    until("the registry has it", || node.stats().emitted > 0 && node.stats().registry_backlog == 0).await;
    tokio::task::yield_now().await;
    until("the registry has it", || node.stats().registry_backlog == 0).await;
    drop(subscription);
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(error, EmitError::Stopped { pattern: "tick".to_owned(), taken: 0, subscribers: 1 });
    gate.open(1);
    idle(&node).await;
    assert_eq!(seen.all(), [0]);
    let letters = letters(&node).await;
    assert_eq!(letters.len(), 1, "only the one that was queued: {letters:?}");
}

//! `emit_confirmed` resolves when every subscriber's lane has taken the event; it is taken where there is room, and
//! waits where there is none.

use std::pin::pin;

use futures::FutureExt;
use futures::future::poll_immediate;
use nestling::EmitError;
use nestling::prelude::*;

use crate::support::{Gate, Log, Tick, idle, until};

/// A subscriber whose lane holds two events, and which handles one whenever the gate opens.
fn narrow(node: &Node, gate: &Gate, seen: &Log<u32>) -> nestling::Subscription {
    let (gate, seen) = (gate.clone(), seen.clone());
    node.subscribe::<Tick>(
        SubscribeOptions::new().name("narrow").capacity(2),
        async move |tick: Delivery<Tick>| {
            gate.pass().await;
            seen.push(tick.n);
            Ok(())
        },
    )
}

#[actix::test]
async fn in_every_lane() {
    let node = Node::builder("test").start().await.unwrap();
    let (gate, seen, wide) = (Gate::closed(), Log::default(), Log::default());
    let narrow = narrow(&node, &gate, &seen);
    let log = wide.clone();
    let _wide = node.subscribe::<Tick>(SubscribeOptions::new(), async move |tick: Delivery<Tick>| {
        log.push(tick.n);
        Ok(())
    });
    for n in 0..3 {
        node.client().emit(Tick { n });
        until("it is taken", || {
            narrow.stats().delivered == u64::from(n) + 1 && narrow.stats().in_flight == 1
        })
        .await;
    }
    let mut confirmed = pin!(node.client().emit_confirmed(Tick { n: 3 }).into_future());
    assert!(poll_immediate(&mut confirmed).await.is_none());
    until("the wide lane has it", || wide.len() == 4).await;
    assert!(confirmed.as_mut().now_or_never().is_none(), "the narrow lane has no room yet");
    assert_eq!(narrow.stats().delivered, 3, "what waits for room is not delivered");

    gate.open(1);
    confirmed.await.unwrap();
    assert_eq!(narrow.stats().delivered, 4);
    gate.open(3);
    idle(&node).await;
    assert_eq!(seen.all(), [0, 1, 2, 3]);
}

#[actix::test]
async fn those_that_wait_are_let_in_in_their_order() {
    let node = Node::builder("test").start().await.unwrap();
    let (gate, seen) = (Gate::closed(), Log::default());
    let narrow = narrow(&node, &gate, &seen);
    let client = node.client();
    let emits = (0..20).map(|n| client.emit_confirmed(Tick { n }).into_future());
    let all = tokio::task::spawn_local(futures::future::join_all(emits));
    until("the lane is full", || narrow.stats().queued == 2).await;
    gate.open(20);
    assert!(all.await.unwrap().iter().all(Result::is_ok));
    idle(&node).await;
    assert_eq!(seen.all(), (0..20).collect::<Vec<_>>());
}

#[actix::test]
async fn nobody_has_to_be_there() {
    let node = Node::builder("test").start().await.unwrap();
    node.client().emit_confirmed(Tick { n: 1 }).await.unwrap();
    assert_eq!(node.stats().no_subscriber, 1);
    let client = node.client();
    node.shutdown(Duration::from_secs(1)).await;
    let error = client.emit_confirmed(Tick { n: 2 }).await.unwrap_err();
    assert!(matches!(&error, EmitError::Unavailable { pattern, .. } if pattern == "tick"), "{error}");
    let error = Client::detached().emit_confirmed(Tick { n: 3 }).await.unwrap_err();
    assert!(matches!(error, EmitError::Unavailable { .. }), "{error}");
}

#[actix::test]
async fn from_another_thread_and_another_runtime() {
    let node = Node::builder("test").start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let _subscription = node.subscribe::<Tick>(SubscribeOptions::new(), async move |tick: Delivery<Tick>| {
        log.push(tick.n);
        Ok(())
    });
    let client = node.client();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(client.emit_confirmed(Tick { n: 4 }).into_future())
    });
    until("the thread is done", || thread.is_finished()).await;
    thread.join().unwrap().unwrap();
    idle(&node).await;
    assert_eq!(seen.all(), [4]);
}

//! With `.concurrency(n)` up to n events of a subscription are handled at once. One that waits for its retry leaves its
//! slot to others, and still counts against the lane's bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nestling::prelude::*;

use crate::support::{Gate, Log, Tick, idle, until};

#[actix::test]
async fn n_at_once_and_no_more() {
    let node = Node::builder("test").start().await.unwrap();
    let gate = Gate::closed();
    let (at_work, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (held, busy, peak) = (gate.clone(), Arc::clone(&at_work), Arc::clone(&most));
    let options = SubscribeOptions::new().concurrency(3);
    let subscription = node.subscribe::<Tick>(options, async move |_| {
        let now = busy.fetch_add(1, Ordering::SeqCst) + 1;
        peak.fetch_max(now, Ordering::SeqCst);
        held.pass().await;
        busy.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    });
    for n in 0..10 {
        node.client().emit(Tick { n });
    }
    until("three are in hand", || at_work.load(Ordering::SeqCst) == 3).await;
    until("the others wait", || subscription.stats().queued == 7).await;
    gate.open(10);
    idle(&node).await;
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!(subscription.stats().handled, 10);
}

#[actix::test]
async fn a_retry_that_waits_leaves_its_slot_and_keeps_its_place() {
    let node = Node::builder("test").start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let retry = Retry::exponential(1).first_delay(Duration::from_millis(200)).jitter(false);
    let options = SubscribeOptions::new().concurrency(2).capacity(2).retry(retry);
    let subscription = node.subscribe::<Tick>(options, async move |tick: Delivery<Tick>| {
        log.push((tick.n, tick.attempt()));
        if tick.n < 2 && tick.attempt() == 1 { Err(EventError::msg("once more")) } else { Ok(()) }
    });
    node.client().emit(Tick { n: 0 });
    until("it waits for its retry", || subscription.stats().retried == 1).await;
    node.client().emit(Tick { n: 2 });
    until("the other has overtaken it", || subscription.stats().handled == 1).await;
    assert_eq!(seen.all(), [(0, 1), (2, 1)]);

    node.client().emit(Tick { n: 1 });
    until("both wait for their retries", || subscription.stats().retried == 2).await;
    node.client().emit(Tick { n: 3 });
    until("there is no room", || subscription.stats().dead_lettered == 1).await;
    idle(&node).await;
    assert_eq!(subscription.stats().handled, 3);
    assert_eq!(
        node.dead_letters().list(Filter::new().reason(Reason::InboxFull)).await.unwrap().letters.len(),
        1
    );
}

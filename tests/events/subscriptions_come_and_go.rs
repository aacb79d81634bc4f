//! `node.subscribe` adds a subscriber at run time, and its guard takes it away: what is in its hands is finished, and
//! what was queued for it becomes dead letters.

use nestling::prelude::*;

use crate::support::{Gate, Log, Tick, idle, letters, until};

#[actix::test]
async fn what_is_in_hand_is_finished_and_what_is_queued_is_a_dead_letter() {
    let node = Node::builder("test").start().await.unwrap();
    let (gate, seen, other) = (Gate::closed(), Log::default(), Log::default());
    let (held, log) = (gate.clone(), seen.clone());
    let options = SubscribeOptions::new().name("screen").retry(Retry::immediate(1));
    let subscription = node.subscribe::<Tick>(options, async move |tick: Delivery<Tick>| {
        held.pass().await;
        log.push((tick.n, tick.attempt()));
        if tick.attempt() == 1 { Err(EventError::msg("once more")) } else { Ok(()) }
    });
    let log = other.clone();
    let neighbour =
        node.subscribe::<Tick>(SubscribeOptions::new().name("other"), async move |tick: Delivery<Tick>| {
            log.push(tick.n);
            Ok(())
        });
    for n in 0..5 {
        node.client().emit(Tick { n });
    }
    until("one is in hand", || subscription.stats().in_flight == 1 && subscription.stats().queued == 4).await;

    drop(subscription);
    until("its queue is empty", || {
        node.stats().subscription("screen", "tick").is_none_or(|it| it.queued == 0)
    })
    .await;
    node.client().emit(Tick { n: 5 });
    // The one in hand has its second attempt too.
    gate.open(2);
    idle(&node).await;

    assert_eq!(seen.all(), [(0, 1), (0, 2)]);
    assert_eq!(other.all(), [0, 1, 2, 3, 4, 5]);
    let letters = letters(&node).await;
    let told: Vec<_> = letters.iter().map(|it| (it.reason, it.payload.get())).collect();
    let unsubscribed = |payload| (Reason::Unsubscribed, payload);
    assert_eq!(told, [r#"{"n":1}"#, r#"{"n":2}"#, r#"{"n":3}"#, r#"{"n":4}"#].map(unsubscribed));
    assert!(letters.iter().all(|it| it.service == "screen" && it.attempts == 0), "{letters:?}");

    // It has ended, and its ledger is kept.
    until("it has ended", || node.stats().service("screen").is_none()).await;
    let stats = node.stats();
    let ended = stats.ended.iter().find(|it| it.service == "screen").unwrap().ledger;
    assert_eq!((ended.delivered, ended.handled, ended.dead_lettered), (5, 1, 4));
    assert_eq!(stats.total().delivered, 5 + 6);
    assert!(stats.balances());
    drop(neighbour);
}

#[actix::test]
async fn a_kept_one_outlives_its_guard() {
    let node = Node::builder("test").start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let subscription = node.subscribe::<Tick>(SubscribeOptions::new(), async move |tick: Delivery<Tick>| {
        log.push(tick.n);
        Ok(())
    });
    assert!(subscription.name().starts_with("subscriber-"), "{}", subscription.name());
    subscription.keep();
    node.client().emit(Tick { n: 1 });
    idle(&node).await;
    assert_eq!(seen.all(), [1]);
}

#[actix::test]
async fn it_receives_what_is_emitted_from_then_on() {
    let node = Node::builder("test").start().await.unwrap();
    node.client().emit(Tick { n: 1 });
    let seen = Log::default();
    let log = seen.clone();
    let _subscription = node.subscribe::<Tick>(SubscribeOptions::new(), async move |tick: Delivery<Tick>| {
        log.push(tick.n);
        Ok(())
    });
    node.client().emit(Tick { n: 2 });
    idle(&node).await;
    until("it has seen something", || seen.len() > 0).await;
    assert_eq!(seen.all(), [2]);
}

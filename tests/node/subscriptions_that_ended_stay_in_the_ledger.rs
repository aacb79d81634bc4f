//! A subscription made at run time is in the stats while it lives; when it has ended, its ledger is kept under its
//! name, and the sum of all ledgers forgets nothing.

use nestling::prelude::*;

use crate::support::{letters, until};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("tick")]
struct Tick {
    n: u32,
}

fn subscribe(node: &Node, name: &str) -> nestling::Subscription {
    node.subscribe::<Tick>(SubscribeOptions::new().name(name), async |tick: Delivery<Tick>| {
        if tick.n == 0 {
            std::future::pending::<()>().await;
        }
        Ok(())
    })
}

#[actix::test]
async fn added_up_by_name() {
    let node = Node::builder("test").start().await.unwrap();
    for round in 1..=2 {
        let subscription = subscribe(&node, "screen");
        assert_eq!(subscription.name(), "screen");
        (1..=5).for_each(|n| node.client().emit(Tick { n }));
        until(|| subscription.stats().handled == 5).await;
        assert_eq!(node.stats().subscription("screen", "tick").unwrap(), subscription.stats());
        drop(subscription);
        until(|| node.stats().services.is_empty()).await;
        let ended = node.stats().ended;
        assert_eq!(ended.len(), 1);
        assert_eq!((ended[0].service.as_str(), ended[0].pattern.as_str()), ("screen", "tick"));
        assert_eq!((ended[0].ledger.delivered, ended[0].ledger.handled), (5 * round, 5 * round));
        assert!(node.stats().balances());
    }
    node.client().emit(Tick { n: 9 });
    until(|| node.stats().no_subscriber == 1).await;
}

#[actix::test]
async fn with_what_was_queued_when_it_was_taken_away() {
    let node = Node::builder("test").start().await.unwrap();
    let subscription = subscribe(&node, "stuck");
    (0..4).for_each(|n| node.client().emit(Tick { n }));
    until(|| subscription.stats().in_flight == 1 && subscription.stats().queued == 3).await;
    drop(subscription);
    until(|| node.stats().total().dead_lettered == 3).await;
    assert_eq!(node.stats().total().in_flight, 1, "what is in its hands may be finished");
    let letters = letters(&node).await;
    assert_eq!(letters.len(), 3);
    assert!(
        letters.iter().all(|it| it.reason == Reason::Unsubscribed && it.service == "stuck"),
        "{letters:?}"
    );
    let report = node.shutdown(Duration::from_millis(20)).await;
    assert!(!report.drained && report.stats.balances(), "{report:?}");
    assert_eq!((report.stats.total().delivered, report.stats.total().dead_lettered), (4, 4));
}

#[actix::test]
async fn one_that_is_kept_lives_as_long_as_the_node() {
    let node = Node::builder("test").start().await.unwrap();
    subscribe(&node, "kept").keep();
    node.client().emit(Tick { n: 1 });
    until(|| node.stats().total().handled == 1).await;
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained, "{report:?}");
}

//! Handled events in memory are bounded in number and in age, and the oldest go first.

use nestling::{HandledKey, HandledStore, Id, MemoryHandled};
use std::time::Duration;

fn key(n: u32) -> HandledKey {
    HandledKey::new(Id::from(format!("order-{n}")), "shop", "ledger", "order.paid")
}

#[test]
fn in_number() {
    let mut handled = MemoryHandled::new(3);
    for n in 1..=5 {
        handled.record(&[key(n)]).unwrap();
        handled.record(&[key(n)]).unwrap();
    }
    let known: Vec<_> = (1..=5).filter(|n| handled.contains(&key(*n)).unwrap()).collect();
    assert_eq!(known, [3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn in_age() {
    let mut handled = MemoryHandled::new(100).keep_for(Duration::from_secs(60));
    handled.record(&[key(1)]).unwrap();
    tokio::time::advance(Duration::from_secs(40)).await;
    handled.record(&[key(2)]).unwrap();
    assert!(handled.contains(&key(1)).unwrap());
    tokio::time::advance(Duration::from_secs(40)).await;
    assert!(!handled.contains(&key(1)).unwrap());
    assert!(handled.contains(&key(2)).unwrap());
}

#[test]
fn and_tells_nodes_services_and_subscriptions_apart() {
    let mut handled = MemoryHandled::default();
    handled.record(&[key(1)]).unwrap();
    for (node, service, subscription) in
        [("blog", "ledger", "order.paid"), ("shop", "audit", "order.paid"), ("shop", "ledger", "order.>")]
    {
        let other = HandledKey::new(Id::from("order-1"), node, service, subscription);
        assert!(!handled.contains(&other).unwrap(), "{other:?}");
    }
}

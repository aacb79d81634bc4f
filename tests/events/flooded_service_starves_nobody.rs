//! A service hands over at most 64 items before it yields: a flooded one does not starve its neighbours on the arbiter.

use nestling::prelude::*;

use crate::support::{Log, Tick, Tock, idle};

#[actix::test]
async fn its_neighbour_has_its_turn_after_64_items() {
    // Few enough for the registry to hand all of them over in one turn.
    const FLOOD: u32 = 200;
    let node = Node::builder("test").start().await.unwrap();
    let log: Log<&str> = Log::default();
    let flooded = log.clone();
    let _flooded = node.subscribe::<Tick>(SubscribeOptions::new(), async move |_| {
        flooded.push("flood");
        Ok(())
    });
    let neighbour = log.clone();
    let _neighbour = node.subscribe::<Tock>(SubscribeOptions::new(), async move |_| {
        neighbour.push("neighbour");
        Ok(())
    });
    idle(&node).await;
    for n in 0..FLOOD {
        node.client().emit(Tick { n });
    }
    for n in 0..3 {
        node.client().emit(Tock { n });
    }
    idle(&node).await;
    let log = log.all();
    assert_eq!(log.len(), FLOOD as usize + 3);
    let last = log.iter().rposition(|entry| *entry == "neighbour").unwrap();
    assert!(last <= 2 * 64 + 3, "the neighbour's last event came after {last} others");
}

//! Events that wait for their retry count against their lane's bound. Whoever waits for that room gets it when the
//! retry begins, also if nothing else is queued.

use nestling::prelude::*;

use crate::support::{Log, Tick, idle, until};

#[actix::test]
async fn when_the_retry_begins() {
    let node = Node::builder("test").start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let retry = Retry::exponential(1).first_delay(Duration::from_millis(150)).jitter(false);
    let options = SubscribeOptions::new().concurrency(4).capacity(1).retry(retry);
    let subscription = node.subscribe::<Tick>(options, async move |tick: Delivery<Tick>| {
        if tick.n == 0 && tick.attempt() == 1 {
            return Err(EventError::msg("once more"));
        }
        log.push(tick.n);
        Ok(())
    });
    node.client().emit(Tick { n: 0 });
    until("it waits for its retry", || subscription.stats().retried == 1).await;
    node.client().emit_confirmed(Tick { n: 1 }).timeout(Duration::from_secs(5)).await.unwrap();
    idle(&node).await;
    assert_eq!(seen.len(), 2);
}

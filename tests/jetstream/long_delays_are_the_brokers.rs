//! A retry after a delay of 5 s or more is a delayed negative acknowledgement: the event waits at the broker, nothing
//! overtakes it in an ordered lane, and what it has been through is not forgotten.

use nestling::prelude::*;
use tokio::time::Instant;

use crate::nats_server::NatsServer;
use crate::support::{Log, Made, Outside, consumer_of, jobs, named, shop, until};

#[actix::test]
async fn and_keep_order_and_history() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let retry = Retry::exponential(1).first_delay(Duration::from_secs(5)).jitter(false);
    let subscription =
        node.subscribe::<Made>(named("worker").retry(retry), async move |made: Delivery<Made>| {
            log.push((made.0, made.attempt(), Instant::now()));
            if made.0 == 1 { Err(EventError::msg(format!("attempt {}", made.attempt()))) } else { Ok(()) }
        });
    for n in 1..=2 {
        node.client().emit(Made(n));
    }
    until("it goes back", || subscription.stats().returned == 1).await;
    let (outside, consumer) = (Outside::of(&server).await, consumer_of("worker"));
    let waiting = outside.info(&consumer).await.unwrap();
    assert_eq!((waiting.num_ack_pending, waiting.num_pending, subscription.stats().in_flight), (1, 1, 0));
    until("the other is handled", || subscription.stats().handled == 1).await;
    let seen = seen.all();
    let attempts: Vec<_> = seen.iter().map(|(n, attempt, _)| (*n, *attempt)).collect();
    assert_eq!(attempts, [(1, 1), (1, 2), (2, 1)]);
    assert!(seen[1].2 - seen[0].2 >= Duration::from_millis(4_900), "{seen:?}");
    let letters = node.dead_letters().list(Filter::new()).await.unwrap().letters;
    let errors: Vec<_> = letters[0].attempt_log.iter().map(|attempt| &*attempt.error).collect();
    assert_eq!((letters.len(), letters[0].attempts, &errors[..]), (1, 2, &["attempt 1", "attempt 2"][..]));
    assert_eq!(subscription.stats().imbalance(), 0);
    node.shutdown(Duration::from_secs(5)).await;
}

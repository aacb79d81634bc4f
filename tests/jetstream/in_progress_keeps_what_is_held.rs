//! However long a handler takes and however long an event is queued here: the broker does not deliver it again.

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Gate, Made, Outside, consumer_of, jobs, named, shop, until};

#[actix::test]
async fn in_hand_and_in_the_queue() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs().ack_wait(Duration::from_secs(1))).start().await.unwrap();
    let gate = Gate::closed();
    let pass = gate.clone();
    let subscription =
        node.subscribe::<Made>(named("worker").concurrency(2), async move |_: Delivery<Made>| {
            pass.pass().await;
            Ok(())
        });
    for n in 0..10 {
        node.client().emit(Made(n));
    }
    until("two are in hand", || subscription.stats().in_flight == 2).await;
    until("the others are queued", || subscription.stats().queued == 8).await;
    // Three times as long as the broker waits without a sign of life.
    tokio::time::sleep(Duration::from_secs(3)).await;
    gate.open(10);
    until("all are handled", || subscription.stats().handled == 10).await;
    let (outside, consumer) = (Outside::of(&server).await, consumer_of("worker"));
    let info =
        outside.until("all are acknowledged", &consumer, |it| it.ack_floor.stream_sequence == 10).await;
    // Each delivery counts, also one that was suppressed.
    assert_eq!((info.delivered.consumer_sequence, info.num_redelivered), (10, 0));
    assert_eq!(subscription.stats().suppressed, 0);
    node.shutdown(Duration::from_secs(5)).await;
}

//! An event whose attempts are spent is ended at the broker when its dead letter has been stored, and not before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use nestling::dead_letter::{Change, Group, Page, Turned};
use nestling::prelude::*;
use nestling::{DeadLetterStore, StoreError};

use crate::nats_server::NatsServer;
use crate::support::{Made, Outside, consumer_of, jobs, named, shop, soon, until};

/// Writes nothing until it is mended.
struct Broken {
    store: MemoryStore,
    mended: Arc<AtomicBool>,
}

impl DeadLetterStore for Broken {
    fn write(&mut self, changes: &mut [Change]) -> Result<(), StoreError> {
        if self.mended.load(Ordering::SeqCst) {
            self.store.write(changes)
        } else {
            Err(StoreError::Failed("it is broken".to_owned()))
        }
    }

    fn turn(&mut self, id: &Id, from: Status, to: Status) -> Result<Turned, StoreError> {
        self.store.turn(id, from, to)
    }

    fn get(&mut self, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
        self.store.get(id)
    }

    fn list(&mut self, filter: &Filter) -> Result<Page, StoreError> {
        self.store.list(filter)
    }

    fn groups(&mut self, filter: &Filter) -> Result<Vec<Group>, StoreError> {
        self.store.groups(filter)
    }

    fn discard(&mut self, filter: &Filter) -> Result<u64, StoreError> {
        self.store.discard(filter)
    }
}

#[actix::test]
async fn and_then_the_broker_is_told() {
    let server = NatsServer::jetstream();
    let mended = Arc::new(AtomicBool::new(false));
    let store = Broken { store: MemoryStore::new(10), mended: Arc::clone(&mended) };
    let stream = jobs().ack_wait(Duration::from_secs(1));
    let node = shop(&server, stream).dead_letters(store).start().await.unwrap();
    let options = named("worker").retry(Retry::immediate(1));
    let subscription =
        node.subscribe::<Made>(options, async |_: Delivery<Made>| Err(EventError::msg("never")));
    let (outside, consumer) = (Outside::of(&server).await, consumer_of("worker"));
    let mut ended =
        outside.client.subscribe("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.JOBS.>").await.unwrap();
    outside.client.flush().await.unwrap();
    node.client().emit_confirmed(Made(1)).await.unwrap();
    until("its attempts are spent", || subscription.stats().dead_lettered == 1).await;
    // Longer than the broker would wait without a sign of life.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let held = outside.info(&consumer).await.unwrap();
    assert_eq!((held.num_ack_pending, held.num_redelivered), (1, 0));
    mended.store(true, Ordering::SeqCst);
    soon("the broker says that it has ended", ended.next()).await.unwrap();
    let letters = node.dead_letters().list(Filter::new()).await.unwrap().letters;
    assert_eq!((letters.len(), letters[0].reason, letters[0].attempts), (1, Reason::HandlerError, 2));
    let info = outside.info(&consumer).await.unwrap();
    assert_eq!((info.num_ack_pending, info.ack_floor.stream_sequence), (0, 1));
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn also_of_what_cannot_be_read() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    let subscription = node.subscribe::<Made>(named("worker"), async |_: Delivery<Made>| Ok(()));
    let outside = Outside::of(&server).await;
    for payload in
        ["{no JSON", r#"{"pattern":"job.made","data":"no number"}"#, r#"{"pattern":"job.made","data":3}"#]
    {
        outside.context.publish("job.made", payload.into()).await.unwrap().await.unwrap();
    }
    until("all have ended", || subscription.stats().handled == 1 && subscription.stats().dead_lettered == 2)
        .await;
    outside.until("none is left", &consumer_of("worker"), |it| it.ack_floor.stream_sequence == 3).await;
    let filter = Filter::new().oldest_first();
    let letters = node.dead_letters().list(filter).await.unwrap().letters;
    let kept: Vec<_> = letters.iter().map(|letter| (letter.reason, letter.payload.get())).collect();
    assert_eq!(kept, [(Reason::Decode, "\"{no JSON\""), (Reason::Decode, "\"no number\"")]);
    assert_eq!(subscription.stats().imbalance(), 0);
    node.shutdown(Duration::from_secs(5)).await;
}

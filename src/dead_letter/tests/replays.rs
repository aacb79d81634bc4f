//! One replay: what it leads to, and that no two have one letter.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};

use super::super::*;
use super::support::{Fault, Faulty, Node, error, event, local, now, room};
use crate::metadata::Id;

async fn buried(sink: &Sink, letters: &DeadLetters, n: u32) -> Id {
    let event = event("order.created", n);
    sink.bury(&event, "mail", "mailed", error("no route"), None);
    let found = letters.list(Filter::new().event_id(event.metadata().id().clone())).await.unwrap();
    found.letters[0].id.clone()
}

async fn status(letters: &DeadLetters, id: &Id) -> (Status, u32) {
    let letter = letters.get(id).await.unwrap().unwrap();
    (letter.status, letter.replay_count)
}

#[test]
fn a_handled_replay_resolves_the_letter() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let node = Node::handling().behind(&letters);
        let id = buried(&sink, &letters, 1).await;
        assert_eq!(letters.replay(&id).await, Ok(Replayed::Handled));
        assert_eq!(status(&letters, &id).await, (Status::Resolved, 1));
        assert_eq!(
            letters.replay(&id).await,
            Err(ReplayError::NotNew { id: id.clone(), status: Status::Resolved })
        );
        let nobody = Id::from("nobody");
        assert_eq!(letters.replay(&nobody).await, Err(ReplayError::Unknown { id: nobody }));
        assert_eq!(node.delivered(), 1);
    });
}

#[test]
fn of_two_replays_one_gets_the_letter() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let gate = Arc::new(Semaphore::new(0));
        let opened = Arc::clone(&gate);
        let node = Node::answering(move |_| {
            let opened = Arc::clone(&opened);
            async move {
                drop(opened.acquire().await.unwrap());
                Redelivery::Handled
            }
        })
        .behind(&letters);
        let id = buried(&sink, &letters, 1).await;
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let (letters, id) = (letters.clone(), id.clone());
                tokio::task::spawn_local(async move { letters.replay(&id).await })
            })
            .collect();
        // Every racer but one is refused while the first one's handler still runs.
        let mut racers = futures::stream::FuturesUnordered::from_iter(racers);
        for _ in 0..7 {
            let refused = futures::StreamExt::next(&mut racers).await.unwrap().unwrap();
            assert_eq!(refused, Err(ReplayError::NotNew { id: id.clone(), status: Status::Replaying }));
        }
        gate.add_permits(1);
        assert_eq!(futures::StreamExt::next(&mut racers).await.unwrap().unwrap(), Ok(Replayed::Handled));
        assert_eq!(node.delivered(), 1);
    });
}

#[test]
fn a_replay_that_fails_again_updates_the_letter() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let event = event("order.created", 1);
        let (again, grave) = (Arc::clone(&event), sink.clone());
        Node::answering(move |_| {
            let mut history = History::new();
            history.failed(now(), "still no route", Duration::ZERO);
            grave.bury(
                &again,
                "mail",
                "mailed",
                Failure::new(Reason::Timeout, "timeout", "too slow"),
                Some(history),
            );
            async { Redelivery::Failed }
        })
        .behind(&letters);
        sink.bury(&event, "mail", "mailed", error("no route"), None);
        let before = letters.list(Filter::new()).await.unwrap().letters.remove(0);

        assert_eq!(letters.replay(&before.id).await, Ok(Replayed::Failed));
        let after = letters.get(&before.id).await.unwrap().unwrap();
        assert_eq!((after.status, after.replay_count), (Status::New, 1));
        assert_eq!((after.reason, after.attempts), (Reason::Timeout, 1));
        assert_eq!(after.first_failed_at, before.first_failed_at);
        assert_eq!(letters.replay(&before.id).await, Ok(Replayed::Failed));
        assert_eq!(status(&letters, &before.id).await, (Status::New, 2));
        assert_eq!(letters.list(Filter::new()).await.unwrap().letters.len(), 1);
    });
}

#[test]
fn a_replay_that_fails_without_being_buried_is_new_again() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        Node::answering(async |_| Redelivery::Failed).behind(&letters);
        let id = buried(&sink, &letters, 1).await;
        assert_eq!(letters.replay(&id).await, Ok(Replayed::Failed));
        assert_eq!(status(&letters, &id).await, (Status::New, 1));
    });
}

#[test]
fn a_replay_that_is_not_taken_does_not_count() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        Node::answering(async |_| Redelivery::NotTaken("no room".to_owned())).behind(&letters);
        let id = buried(&sink, &letters, 1).await;
        let refused = letters.replay(&id).await;
        assert_eq!(refused, Err(ReplayError::NotTaken { id: id.clone(), problem: "no room".to_owned() }));
        assert_eq!(status(&letters, &id).await, (Status::New, 0));
    });
}

#[test]
fn a_delivery_that_panics_gives_the_letter_back() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        Node::answering(async |_| panic!("a bug")).behind(&letters);
        let id = buried(&sink, &letters, 1).await;
        assert!(matches!(letters.replay(&id).await, Err(ReplayError::NotTaken { .. })));
        assert_eq!(status(&letters, &id).await, (Status::New, 0));
    });
}

#[test]
fn a_replay_goes_on_when_nobody_waits_for_it() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let (started, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let (starts, opened) = (Arc::clone(&started), Arc::clone(&gate));
        Node::answering(move |_| {
            starts.notify_one();
            let opened = Arc::clone(&opened);
            async move {
                drop(opened.acquire().await.unwrap());
                Redelivery::Handled
            }
        })
        .behind(&letters);
        let id = buried(&sink, &letters, 1).await;
        let replay = tokio::task::spawn_local({
            let (letters, id) = (letters.clone(), id.clone());
            async move { letters.replay(&id).await }
        });
        started.notified().await;
        replay.abort();
        assert!(replay.await.unwrap_err().is_cancelled());
        assert_eq!(status(&letters, &id).await, (Status::Replaying, 0));

        gate.add_permits(1);
        letters.idle().await;
        assert_eq!(status(&letters, &id).await, (Status::Resolved, 1));
    });
}

#[test]
fn the_end_of_a_replay_is_written_when_the_store_is_back() {
    local(async {
        let (store, control) = Faulty::new(Fault::None);
        let (sink, letters) = room(store);
        let failing = Arc::clone(&control);
        Node::answering(move |_| {
            failing.set(Fault::Fails);
            async { Redelivery::Handled }
        })
        .behind(&letters);
        let id = buried(&sink, &letters, 1).await;
        assert_eq!(letters.replay(&id).await, Ok(Replayed::Handled));
        assert_eq!(status(&letters, &id).await, (Status::Replaying, 0));
        // Nobody can claim it meanwhile, whatever the store says.
        assert!(matches!(letters.replay(&id).await, Err(ReplayError::Store(_))));
        control.set(Fault::None);
        letters.flush().await.unwrap();
        assert_eq!(status(&letters, &id).await, (Status::Resolved, 1));
        assert!(control.entered.load(Ordering::SeqCst) >= 2);
    });
}

#[test]
fn without_a_node_nothing_is_claimed() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let id = buried(&sink, &letters, 1).await;
        assert_eq!(letters.replay(&id).await, Err(ReplayError::Closed));
        assert_eq!(status(&letters, &id).await, (Status::New, 0));
    });
}

#[test]
fn only_a_new_letter_can_be_discarded() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let id = buried(&sink, &letters, 1).await;
        letters.discard(&id).await.unwrap();
        assert_eq!(status(&letters, &id).await, (Status::Discarded, 0));
        let again = letters.discard(&id).await;
        assert_eq!(again, Err(ReplayError::NotNew { id, status: Status::Discarded }));
        buried(&sink, &letters, 2).await;
        assert_eq!(letters.discard_matching(Filter::new()).await, Ok(1));
    });
}

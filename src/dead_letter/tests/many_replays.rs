//! Many replays: which letters, in which order, how fast, and what ends them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use super::super::*;
use super::support::{Fault, Faulty, Node, error, event, local, room};

fn bury(sink: &Sink, numbers: std::ops::Range<u32>) {
    for n in numbers {
        sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
    }
}

fn number(letter: &DeadLetter) -> u32 {
    letter.payload.get().parse().unwrap()
}

#[test]
fn every_matching_letter_has_its_turn_once_the_oldest_first() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10_000));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (notes, grave) = (Arc::clone(&seen), sink.clone());
        Node::answering(move |letter| {
            let n = number(&letter);
            notes.lock().unwrap().push(n);
            // Replays may cause letters: they are not part of this replay.
            grave.bury(&event("order.created", 1000 + n), "mail", "mailed", error("no route"), None);
            async move {
                match n % 10 {
                    0 => Redelivery::Failed,
                    1 => Redelivery::NotTaken("no room".to_owned()),
                    _ => Redelivery::Handled,
                }
            }
        })
        .behind(&letters);
        bury(&sink, 0..250);
        sink.bury(&event("order.created", 9999), "audit", "mailed", error("no route"), None);
        let report = letters.replay_matching(Filter::new().service("mail"), ReplayOptions::new()).await;
        assert_eq!((report.handled, report.failed, report.not_taken, report.skipped), (200, 25, 25, 0));
        assert_eq!(report.error, None);
        assert_eq!(*seen.lock().unwrap(), (0..250).collect::<Vec<_>>());

        let report = letters.replay_matching(Filter::new().limit(120), ReplayOptions::new().at_once(4)).await;
        assert_eq!(report.handled + report.failed + report.not_taken, 120);
    });
}

#[test]
fn letters_that_are_not_new_are_not_replayed() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(100));
        let node = Node::handling().behind(&letters);
        bury(&sink, 0..3);
        letters.discard_matching(Filter::new().limit(1)).await.unwrap();
        let discarded = Filter::new().status(Status::Discarded);
        assert_eq!(letters.replay_matching(discarded, ReplayOptions::new()).await, ReplayReport::default());
        assert_eq!(letters.replay_matching(Filter::new(), ReplayOptions::new()).await.handled, 2);
        assert_eq!(node.delivered(), 2);
    });
}

#[test]
fn the_rate_is_kept() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let (sink, letters) = room(MemoryStore::new(100));
        Node::handling().behind(&letters);
        bury(&sink, 0..21);
        letters.flush().await.unwrap();
        let started = Instant::now();
        let report = letters.replay_matching(Filter::new(), ReplayOptions::new().per_second(10)).await;
        assert_eq!(report.handled, 21);
        let took = started.elapsed();
        assert!((Duration::from_millis(2000)..Duration::from_millis(2100)).contains(&took), "{took:?}");
    });
}

#[test]
fn as_many_run_at_once_as_asked_for() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(100));
        let together = Arc::new(tokio::sync::Barrier::new(3));
        Node::answering(move |_| {
            let together = Arc::clone(&together);
            async move {
                together.wait().await;
                Redelivery::Handled
            }
        })
        .behind(&letters);
        bury(&sink, 0..6);
        let report = letters.replay_matching(Filter::new(), ReplayOptions::new().at_once(3)).await;
        assert_eq!(report.handled, 6);
    });
}

#[test]
fn it_stops_when_nobody_waits_for_the_report() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(100));
        let (started, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let (starts, opened) = (Arc::clone(&started), Arc::clone(&gate));
        let node = Node::answering(move |_| {
            starts.notify_one();
            let opened = Arc::clone(&opened);
            async move {
                drop(opened.acquire().await.unwrap());
                Redelivery::Handled
            }
        })
        .behind(&letters);
        bury(&sink, 0..5);
        let mut all = Box::pin(letters.replay_matching(Filter::new(), ReplayOptions::new()));
        assert!(all.as_mut().now_or_never().is_none());
        started.notified().await;
        drop(all);
        gate.add_permits(5);
        letters.idle().await;
        assert_eq!(node.delivered(), 1);
        let resolved = letters.list(Filter::new().status(Status::Resolved)).await.unwrap();
        assert_eq!(resolved.letters.len(), 1, "the one under way runs to its end");
    });
}

#[test]
fn a_store_that_fails_ends_it() {
    local(async {
        let (store, control) = Faulty::new(Fault::None);
        let (sink, letters) = room(store);
        let failing = Arc::clone(&control);
        let node = Node::answering(move |letter| {
            if number(&letter) == 2 {
                failing.set(Fault::Fails);
            }
            async { Redelivery::Handled }
        })
        .behind(&letters);
        bury(&sink, 0..300);
        let report = letters.replay_matching(Filter::new(), ReplayOptions::new()).await;
        assert_eq!(report.handled, 3);
        assert!(matches!(report.error, Some(ReplayError::Store(_))), "{report:?}");
        assert_eq!(node.delivered(), 3);
    });
}

//! The end: what is written, what is waited for, and what is told.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};

use super::super::*;
use super::support::{Fault, Faulty, Node, error, event, local, room};

const LONG: Duration = Duration::from_secs(60);

#[test]
fn all_that_was_buried_is_written() {
    local(async {
        let (store, control) = Faulty::new(Fault::None);
        let (sink, letters) = room(store);
        let mut stream = letters.stream();
        for n in 0..3000 {
            sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
        }
        letters.close(LONG).await;
        let stats = letters.stats();
        assert_eq!((stats.recorded, stats.written, stats.waiting, stats.dropped), (3000, 3000, 0, 0));
        assert_eq!(control.batches.lock().unwrap().iter().sum::<usize>(), 3000);
        while stream.next().await.is_some() {}
    });
}

#[test]
fn afterwards_everything_says_so_and_a_letter_is_counted_as_lost() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        Node::handling().behind(&letters);
        letters.close(LONG).await;
        letters.close(LONG).await;
        sink.bury(&event("order.created", 1), "mail", "mailed", error("no route"), None);
        assert_eq!(letters.list(Filter::new()).await.unwrap_err(), StoreError::Closed);
        assert_eq!(letters.flush().await, Err(StoreError::Closed));
        assert_eq!(letters.replay(&crate::Id::new()).await, Err(ReplayError::Closed));
        let report = letters.replay_matching(Filter::new(), ReplayOptions::new()).await;
        assert_eq!(report.error, Some(ReplayError::Closed));
        assert!(letters.stream().next().await.is_none());
        let stats = letters.stats();
        assert_eq!((stats.recorded, stats.dropped, stats.waiting), (1, 1, 0));
    });
}

#[test]
fn a_store_that_fails_to_the_end_loses_what_waits_and_counts_it() {
    local(async {
        let (store, _control) = Faulty::new(Fault::Fails);
        let (sink, letters) = room(store);
        for n in 0..5 {
            sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
        }
        letters.close(Duration::from_millis(250)).await;
        // The thread's last words may come after the limit.
        while letters.stats().waiting > 0 {
            tokio::task::yield_now().await;
        }
        let stats = letters.stats();
        assert_eq!((stats.recorded, stats.written, stats.dropped), (5, 0, 5));
        assert!(stats.store_failures >= 2, "it is tried again for as long as there is time");
    });
}

#[test]
fn it_waits_for_the_replays_under_way() {
    local(async {
        let (store, control) = Faulty::new(Fault::None);
        let (sink, letters) = room(store);
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
        for n in 0..2 {
            sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
        }
        let all = letters.replay_matching(Filter::new(), ReplayOptions::new());
        let close = async {
            started.notified().await;
            futures::join!(letters.close(LONG), async {
                // The store stays open for the replay, however long it takes.
                for _ in 0..100 {
                    letters.list(Filter::new()).await.unwrap();
                }
                gate.add_permits(2);
            });
        };
        let (report, ()) = futures::join!(all, close);
        assert_eq!((report.handled, report.error), (1, Some(ReplayError::Closed)));
        let written = control.batches.lock().unwrap().iter().sum::<usize>();
        assert_eq!(written, 2 + 1, "two letters, and the end of one replay");
    });
}

#[test]
fn a_replay_that_does_not_end_is_not_waited_for_beyond_the_limit() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10));
        let started = Arc::new(Notify::new());
        let starts = Arc::clone(&started);
        Node::answering(move |_| {
            starts.notify_one();
            std::future::pending()
        })
        .behind(&letters);
        sink.bury(&event("order.created", 1), "mail", "mailed", error("no route"), None);
        let all = letters.clone();
        tokio::task::spawn_local(async move {
            all.replay_matching(Filter::new(), ReplayOptions::new()).await.handled
        });
        started.notified().await;
        letters.close(Duration::from_millis(50)).await;
        assert_eq!(letters.stats().written, 1);
    });
}

/// Says when it is dropped.
struct Told(MemoryStore, std::sync::mpsc::Sender<usize>);

impl Drop for Told {
    fn drop(&mut self) {
        let kept = self.0.list(&Filter::new()).unwrap().letters.len();
        let _ = self.1.send(kept);
    }
}

impl DeadLetterStore for Told {
    fn write(&mut self, changes: &mut [super::super::store::Change]) -> Result<(), StoreError> {
        self.0.write(changes)
    }

    fn turn(&mut self, id: &crate::Id, from: Status, to: Status) -> Result<Turned, StoreError> {
        self.0.turn(id, from, to)
    }

    fn get(&mut self, id: &crate::Id) -> Result<Option<DeadLetter>, StoreError> {
        self.0.get(id)
    }

    fn list(&mut self, filter: &Filter) -> Result<Page, StoreError> {
        self.0.list(filter)
    }

    fn groups(&mut self, filter: &Filter) -> Result<Vec<Group>, StoreError> {
        self.0.groups(filter)
    }

    fn discard(&mut self, filter: &Filter) -> Result<u64, StoreError> {
        self.0.discard(filter)
    }
}

#[test]
fn handles_that_are_just_dropped_leave_nothing_behind_and_nothing_unwritten() {
    local(async {
        let (dropped, said) = std::sync::mpsc::channel();
        let (sink, letters) = room(Told(MemoryStore::new(10), dropped));
        sink.bury(&event("order.created", 1), "mail", "mailed", error("no route"), None);
        drop((sink, letters));
        // The loop goes on; the actor and the writer's thread end by themselves.
        let kept = tokio::task::spawn_blocking(move || said.recv_timeout(LONG)).await.unwrap();
        assert_eq!(kept, Ok(1));
    });
}

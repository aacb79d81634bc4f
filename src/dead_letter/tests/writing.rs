//! How letters get to the store.

use std::sync::atomic::Ordering;
use std::thread;

use super::super::*;
use super::support::{Fault, Faulty, error, event, local, room};

#[test]
#[expect(
    clippy::await_holding_lock,
    reason = "the lock holds the writer's thread, and nobody here waits for it"
)]
fn a_storm_is_written_in_few_transactions() {
    local(async {
        let (store, control) = Faulty::new(Fault::None);
        let (sink, letters) = room(store);
        let gate = control.gate.lock().unwrap();
        sink.bury(&event("order.created", 0), "mail", "mailed", error("no route"), None);
        // The first write is under way, and held; a storm comes meanwhile.
        while control.entered.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        for n in 1..=3000 {
            sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
        }
        // The actor passes all of them on before the store goes on.
        letters.passed().await;
        drop(gate);
        letters.flush().await.unwrap();
        let batches = control.batches.lock().unwrap().clone();
        assert_eq!(batches, [1, 1024, 1024, 952]);
        let stats = letters.stats();
        assert_eq!((stats.recorded, stats.written, stats.waiting), (3001, 3001, 0));
    });
}

#[test]
fn evictions_are_counted() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(3));
        for n in 0..10 {
            sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
        }
        letters.flush().await.unwrap();
        let stats = letters.stats();
        assert_eq!((stats.written, stats.evicted), (10, 7));
    });
}

#[test]
fn any_thread_and_any_runtime_will_do() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(100));
        let elsewhere = {
            let letters = letters.clone();
            thread::spawn(move || {
                sink.bury(&event("order.created", 1), "mail", "mailed", error("no route"), None);
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
                runtime.block_on(async { letters.list(Filter::new()).await.unwrap().letters.len() })
            })
        };
        let found = tokio::task::spawn_blocking(move || elsewhere.join().unwrap()).await.unwrap();
        assert_eq!(found, 1);
        assert_eq!(letters.stats().written, 1);
    });
}

#[test]
fn letters_are_written_also_when_the_actor_has_gone() {
    let (sink, letters) = local(async {
        let (sink, letters) = room(MemoryStore::new(100));
        // Still in the mailbox when its thread's tasks are dropped.
        sink.bury(&event("order.created", 1), "mail", "mailed", error("no route"), None);
        (sink, letters)
    });
    sink.bury(&event("order.created", 2), "mail", "mailed", error("no route"), None);
    local(async {
        letters.flush().await.unwrap();
        assert_eq!(letters.list(Filter::new()).await.unwrap().letters.len(), 2);
        assert_eq!(letters.replay(&crate::Id::from("any")).await, Err(ReplayError::Closed));
    });
}

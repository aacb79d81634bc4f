//! A store that fails: what waits, what is lost, and what is seen of it.

use super::super::*;
use super::support::{Fault, Faulty, error, event, local, options, room};

fn bury(sink: &Sink, count: u32) {
    for n in 0..count {
        sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
    }
}

async fn kept(letters: &DeadLetters) -> usize {
    letters.list(Filter::new().limit(usize::MAX)).await.unwrap().letters.len()
}

#[test]
fn letters_wait_and_are_written_when_the_store_is_back() {
    local(async {
        let (store, control) = Faulty::new(Fault::Fails);
        let (sink, letters) = room(store);
        let mut stored = letters.stream();
        bury(&sink, 50);
        assert!(matches!(letters.flush().await, Err(StoreError::Failed(_))));
        let stats = letters.stats();
        assert_eq!((stats.recorded, stats.written, stats.waiting, stats.dropped), (50, 0, 50, 0));
        assert!(stats.failing_since.is_some());
        assert_eq!(stats.last_error, Some(StoreError::Failed("the disk is full".to_owned())));
        assert!(stats.store_failures >= 1);
        assert_eq!(kept(&letters).await, 0, "it can be read all the while");

        // Nobody asks again: the writer tries by itself.
        control.set(Fault::None);
        for _ in 0..50 {
            stored.next().await.unwrap();
        }
        let stats = letters.stats();
        assert_eq!((stats.written, stats.waiting, stats.failing_since), (50, 0, None));
        assert_eq!(kept(&letters).await, 50);
    });
}

#[test]
fn no_more_wait_than_may() {
    local(async {
        let (store, control) = Faulty::new(Fault::Fails);
        let (sink, letters) = start(Box::new(store), Options { max_waiting: 7, ..options() }).unwrap();
        bury(&sink, 20);
        letters.flush().await.unwrap_err();
        let stats = letters.stats();
        assert_eq!((stats.recorded, stats.waiting, stats.dropped), (20, 7, 13));
        bury(&sink, 3);
        // Reading does not try to write: the bound holds also between two tries.
        letters.list(Filter::new()).await.unwrap();
        assert_eq!(letters.stats().dropped, 16);

        control.set(Fault::None);
        letters.flush().await.unwrap();
        let first: Vec<_> = letters.list(Filter::new().oldest_first()).await.unwrap().into_iter().collect();
        let numbers: Vec<_> = first.iter().map(|letter| letter.payload.get().to_owned()).collect();
        assert_eq!(numbers, ["0", "1", "2", "3", "4", "5", "6"]);
        let stats = letters.stats();
        assert_eq!((stats.recorded, stats.written, stats.waiting, stats.dropped), (23, 7, 0, 16));
    });
}

#[test]
fn a_store_that_panics_is_one_that_fails() {
    local(async {
        let (store, control) = Faulty::new(Fault::Panics);
        let (sink, letters) = room(store);
        bury(&sink, 5);
        assert_eq!(letters.flush().await, Err(StoreError::Panicked("a bug in the store".to_owned())));
        assert!(matches!(letters.discard_matching(Filter::new()).await, Err(StoreError::Panicked(_))));
        control.set(Fault::None);
        letters.flush().await.unwrap();
        assert_eq!(kept(&letters).await, 5);
    });
}

#[test]
fn a_letter_that_the_store_refuses_does_not_hold_up_the_others() {
    local(async {
        let (store, _control) = Faulty::new(Fault::Refuses("audit".to_owned()));
        let (sink, letters) = room(store);
        bury(&sink, 30);
        sink.bury(&event("order.created", 99), "audit", "mailed", error("no route"), None);
        bury(&sink, 30);
        letters.flush().await.unwrap();
        let stats = letters.stats();
        assert_eq!((stats.recorded, stats.written, stats.dropped, stats.waiting), (61, 60, 1, 0));
        assert_eq!(stats.failing_since, None);
        assert_eq!(kept(&letters).await, 60);
    });
}

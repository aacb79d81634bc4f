//! Who hears of letters, and what is missed.

use std::sync::Arc;

use super::super::*;
use super::support::{Node, error, event, local, room};

#[test]
fn the_stream_tells_letters_as_they_are_stored() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(100));
        let node = Node::handling().behind(&letters);
        let event = event("order.created", 1);
        sink.bury(&event, "mail", "mailed", error("before"), None);
        letters.flush().await.unwrap();
        letters.passed().await;
        let mut stream = letters.stream();
        sink.bury(&event, "mail", "mailed", error("after"), None);
        let told = stream.next().await.unwrap();
        assert_eq!(told.error_message, "after");
        // It can be asked for: its id is the one in the store.
        assert!(letters.get(&told.id).await.unwrap().is_some());
        assert_eq!(*node.announced.lock().unwrap(), [told.id.clone(), told.id.clone()]);
        assert_eq!(stream.missed(), 0);
    });
}

#[test]
fn a_slow_reader_is_told_how_many_it_missed() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(10_000));
        let mut stream = letters.stream();
        for n in 0..1500 {
            sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
        }
        letters.flush().await.unwrap();
        letters.passed().await;
        let next = stream.next().await.unwrap();
        assert_eq!(stream.missed(), 1500 - 1024);
        assert_eq!(next.payload.get(), (1500 - 1024).to_string());
    });
}

struct Rude;

impl Announce for Rude {
    fn announce(&self, _: &Arc<DeadLetter>) {
        panic!("a bug");
    }
}

#[test]
fn an_announcement_that_panics_harms_nobody() {
    local(async {
        let (sink, letters) = room(MemoryStore::new(100));
        letters.connect(Node::handling(), Arc::new(Rude));
        let mut stream = letters.stream();
        for n in 0..2 {
            sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
            stream.next().await.unwrap();
        }
        assert_eq!(letters.stats().written, 2);
    });
}

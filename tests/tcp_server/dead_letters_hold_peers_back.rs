//! Events that come faster than the store takes their dead letters wait in their peer: memory stays bounded.

use std::sync::{Arc, Condvar, Mutex};

use nestling::dead_letter::{Change, Group, Page, Turned};
use nestling::prelude::*;
use nestling::{DeadLetterStore, MemoryStore, StoreError, Tcp};

use crate::support::{Peer, frame, node, soon, until};

const EVENTS: u64 = 40_000;

/// A store whose writes wait until it is opened.
struct Slow {
    store: MemoryStore,
    open: Arc<(Mutex<bool>, Condvar)>,
}

impl DeadLetterStore for Slow {
    fn write(&mut self, changes: &mut [Change]) -> Result<(), StoreError> {
        let (open, opened) = &*self.open;
        drop(opened.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
        self.store.write(changes)
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
async fn until_the_store_has_them() {
    let open = Arc::new((Mutex::new(false), Condvar::new()));
    let store = Slow { store: MemoryStore::new(100), open: Arc::clone(&open) };
    let (builder, _) = node(Tcp::port(0));
    let node = builder.dead_letter_unsubscribed(true).dead_letters(store).start().await.unwrap();
    let mut flood = Peer::to(&node).await;
    let flooding = actix_rt::spawn(async move {
        flood.write(frame(r#"{"pattern":"nobody.subscribes","data":1}"#).repeat(EVENTS as usize)).await;
        flood
    });

    // A neighbour is served meanwhile; when nothing has been added for long, nothing will be.
    let mut neighbour = Peer::to(&node).await;
    let recorded = || node.dead_letters().stats().recorded;
    until("the flood begins", || recorded() > 0).await;
    let (mut last, mut quiet) = (0, 0);
    while quiet < 200 {
        neighbour.expect_well().await;
        let now = recorded();
        quiet = if now == last { quiet + 1 } else { 0 };
        last = now;
    }
    assert!((4_000..8_000).contains(&last), "{last} of {EVENTS} letters wait in memory");

    *open.0.lock().unwrap() = true;
    open.1.notify_all();
    until("all are dead letters", || node.dead_letters().stats().written == EVENTS).await;
    soon("the flood ends", flooding).await.unwrap();
}

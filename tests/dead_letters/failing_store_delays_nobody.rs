//! While the store fails, dead letters wait in memory, the stats say so, and events go on; when it is back they are
//! written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nestling::dead_letter::{Change, Group, Page, Turned};
use nestling::prelude::*;
use nestling::{DeadLetterStore, StoreError};

use crate::support::{Mail, MailDue, idle, letters, node, until};

/// A store that fails for as long as it is told to.
struct Moody {
    fails: Arc<AtomicBool>,
    inner: MemoryStore,
}

impl Moody {
    fn mood(&self) -> Result<(), StoreError> {
        if self.fails.load(Ordering::SeqCst) {
            Err(StoreError::Failed("no space left".to_owned()))
        } else {
            Ok(())
        }
    }
}

impl DeadLetterStore for Moody {
    fn write(&mut self, changes: &mut [Change]) -> Result<(), StoreError> {
        self.mood()?;
        self.inner.write(changes)
    }
    fn turn(&mut self, id: &Id, from: Status, to: Status) -> Result<Turned, StoreError> {
        self.mood()?;
        self.inner.turn(id, from, to)
    }
    fn get(&mut self, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
        self.inner.get(id)
    }
    fn list(&mut self, filter: &Filter) -> Result<Page, StoreError> {
        self.inner.list(filter)
    }
    fn groups(&mut self, filter: &Filter) -> Result<Vec<Group>, StoreError> {
        self.inner.groups(filter)
    }
    fn discard(&mut self, filter: &Filter) -> Result<u64, StoreError> {
        self.mood()?;
        self.inner.discard(filter)
    }
}

#[actix::test]
async fn letters_wait_and_are_written_when_it_is_back() {
    let fails = Arc::new(AtomicBool::new(true));
    let store = Moody { fails: Arc::clone(&fails), inner: MemoryStore::new(1_000) };
    let mail = Mail::broken();
    let node = node().service(mail.clone()).dead_letters(store).start().await.unwrap();
    for n in 0..20 {
        node.client().emit(MailDue { n });
        idle(&node).await;
    }
    until("the failure is seen", || node.stats().dead_letters.store_failures > 0).await;
    let stats = node.stats().dead_letters;
    assert_eq!((stats.recorded, stats.written, stats.waiting, stats.dropped), (20, 0, 20, 0));
    assert!(stats.failing_since.is_some());
    assert_eq!(stats.last_error, Some(StoreError::Failed("no space left".to_owned())));
    mail.repair();
    node.client().emit(MailDue { n: 20 });
    idle(&node).await;
    assert_eq!(mail.sent(), [20], "events go on");

    fails.store(false, Ordering::SeqCst);
    until("they are written", || node.stats().dead_letters.written == 20).await;
    let stats = node.stats().dead_letters;
    assert_eq!((stats.waiting, stats.failing_since), (0, None));
    assert_eq!(letters(&node, Filter::new()).await.len(), 20);
}

//! While the store fails, dead letters wait in memory, the stats say so, and events go on; when it is back they are
//! written. Each outage is logged once, and so is its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nestling::dead_letter::{Change, Group, Page, Turned};
use nestling::prelude::*;
use nestling::{DeadLetterStore, StoreError};
use tracing::Level;

use crate::logs::Logs;
use crate::support::{Mail, MailDue, idle, letters, node, until};

/// A store that fails for as long as it is told to.
struct Moody {
    fails: Arc<AtomicBool>,
    inner: MemoryStore,
    /// Taken where its writer's thread is to be listened to.
    logs: Option<Logs>,
}

impl Moody {
    fn failing(logs: Option<Logs>) -> (Self, Arc<AtomicBool>) {
        let fails = Arc::new(AtomicBool::new(true));
        (Self { fails: Arc::clone(&fails), inner: MemoryStore::new(1_000), logs }, fails)
    }

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
        if let Some(logs) = self.logs.take() {
            // For as long as the thread lives, which is this node's alone.
            std::mem::forget(logs.collect());
        }
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
    let (store, fails) = Moody::failing(None);
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

#[actix::test]
async fn each_outage_is_logged_once_and_so_is_its_end() {
    let logs = Logs::default();
    // While there is but one, tracing asks only the thread that logs first, which may be another test's.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let (store, fails) = Moody::failing(Some(logs.clone()));
    let node = node().service(Mail::broken()).dead_letters(store).start().await.unwrap();
    for outage in 1..=2 {
        fails.store(true, Ordering::SeqCst);
        let failures = || node.stats().dead_letters.store_failures;
        let before = failures();
        node.client().emit(MailDue { n: outage });
        until("the store was tried again and again", || failures() >= before + 3).await;
        let errors = logs.at(Level::ERROR);
        assert_eq!(errors.len(), outage as usize, "{errors:?}");
        let parts = ["cannot be written", "error=the dead-letter store failed: no space left", "waiting=1 "];
        for part in parts.into_iter().chain(["max_waiting="]) {
            assert!(errors.last().unwrap().contains(part), "{part}: {errors:?}");
        }

        fails.store(false, Ordering::SeqCst);
        until("its end is logged", || logs.at(Level::INFO).len() == outage as usize).await;
        let ends = logs.at(Level::INFO);
        assert!(ends.last().unwrap().contains("works again"), "{ends:?}");
        assert_eq!(node.stats().dead_letters.written, u64::from(outage));
    }
    assert_eq!(logs.at(Level::ERROR).len(), 2);
}

//! A storm of failures, written to a file, does not stall the node: a neighbour's events are handled meanwhile, and every
//! letter is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use nestling::prelude::*;

use crate::support::{MailDue, idle, node, until};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("pulse")]
struct Pulse;

struct Storm;
impl Actor for Storm {
    type Context = Context<Self>;
}
impl Supervised for Storm {}
impl Service for Storm {
    const NAME: &'static str = "storm";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.restart_on(nestling::RestartOn::Panic).event::<MailDue>();
    }
}
impl Handler<MailDue> for Storm {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: MailDue, _: &mut Context<Self>) -> Self::Result {
        Err(EventError::msg("everything fails"))
    }
}

#[actix::test]
async fn while_every_letter_is_written() {
    const STORM: u32 = 5_000;
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("letters.db")).unwrap();
    let node = node().service(Storm).dead_letters(store).start().await.unwrap();
    let pulses = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&pulses);
    let _pulse = node.subscribe::<Pulse>(SubscribeOptions::new().name("pulse"), async move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    for n in 0..STORM {
        node.client().emit(MailDue { n });
    }
    let mut slowest = Duration::ZERO;
    let mut sent = 0;
    while node.stats().subscription("storm", "mail.due").unwrap().dead_lettered < u64::from(STORM) {
        let began = Instant::now();
        node.client().emit(Pulse);
        sent += 1;
        until("the pulse is handled", || pulses.load(Ordering::SeqCst) == sent).await;
        slowest = slowest.max(began.elapsed());
    }
    assert!(sent > 0 && slowest < Duration::from_secs(2), "{sent} pulses, the slowest took {slowest:?}");
    idle(&node).await;
    node.dead_letters().flush().await.unwrap();
    let stats = node.stats().dead_letters;
    assert_eq!((stats.written, stats.dropped), (u64::from(STORM), 0));
}

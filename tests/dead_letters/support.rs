//! What the tests of dead letters share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use nestling::prelude::*;
use tokio::sync::Semaphore;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EventPattern)]
#[event_pattern("mail.due")]
pub(crate) struct MailDue {
    pub(crate) n: u32,
}

/// A service that fails on events until it is repaired, and writes down what it has handled.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// `false` makes its handler fail.
    pub(crate) works: Arc<AtomicBool>,
    pub(crate) sent: Arc<Mutex<Vec<u32>>>,
    pub(crate) gate: Gate,
}

impl Mail {
    /// One that fails, and never waits.
    pub(crate) fn broken() -> Self {
        Self { works: Arc::default(), sent: Arc::default(), gate: Gate::open_wide() }
    }

    pub(crate) fn repair(&self) {
        self.works.store(true, Ordering::SeqCst);
    }

    pub(crate) fn sent(&self) -> Vec<u32> {
        self.sent.lock().unwrap().clone()
    }
}

impl Actor for Mail {
    type Context = Context<Self>;
}
impl Supervised for Mail {}
impl Service for Mail {
    const NAME: &'static str = "mail";
    fn patterns(patterns: &mut Patterns<Self>) {
        // A failed event is its own business here: no restart, and so no backoff.
        patterns.restart_on(nestling::RestartOn::Panic).capacity(4).event::<MailDue>();
    }
}
impl Handler<MailDue> for Mail {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, mail: MailDue, _: &mut Context<Self>) -> Self::Result {
        let this = self.clone();
        Box::pin(async move {
            this.gate.pass().await;
            if !this.works.load(Ordering::SeqCst) {
                return Err(EventError::msg("the mail server is down"));
            }
            this.sent.lock().unwrap().push(mail.n);
            Ok(())
        })
    }
}

/// Holds handlers back until it is opened for them.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub(crate) fn open_wide() -> Self {
        Self(Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)))
    }

    pub(crate) async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }

    /// Lets `n` more handlers through.
    pub(crate) fn open(&self, n: usize) {
        self.0.add_permits(n);
    }

    /// Holds whoever comes from now on.
    pub(crate) fn close(&self) {
        self.0.forget_permits(Semaphore::MAX_PERMITS);
    }
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until nothing is queued or in a handler's hands.
pub(crate) async fn idle(node: &Node) {
    until("the node is idle", || {
        let stats = node.stats();
        let total = stats.total();
        stats.registry_backlog == 0 && total.queued == 0 && total.in_flight == 0
    })
    .await;
}

/// The dead letters that match, the oldest first.
pub(crate) async fn letters(node: &Node, filter: Filter) -> Vec<DeadLetter> {
    node.dead_letters().list(filter.oldest_first().limit(10_000)).await.unwrap().letters
}

/// The one dead letter that there is.
pub(crate) async fn only(node: &Node) -> DeadLetter {
    idle(node).await;
    let mut letters = letters(node, Filter::new()).await;
    assert_eq!(letters.len(), 1, "{letters:#?}");
    letters.remove(0)
}

/// Checks what every record of one of these tests has in common.
pub(crate) fn check(letter: &DeadLetter, reason: Reason, attempts: u32) {
    assert_eq!((letter.reason, letter.attempts), (reason, attempts), "{letter:#?}");
    assert_eq!((letter.status, letter.replay_count), (Status::New, 0));
    assert_eq!(letter.node, "test");
    assert_eq!(letter.pid, std::process::id());
    assert_eq!(letter.version, "9.8.7");
    assert!(!letter.host.is_empty() && !letter.fingerprint.is_empty() && !letter.error_message.is_empty());
    assert_eq!(letter.attempt_log.len(), attempts.min(10) as usize);
    assert!(letter.emitted_at <= letter.first_failed_at && letter.first_failed_at <= letter.failed_at);
    assert_ne!(letter.id, letter.event_id);
}

/// A node whose records [`check`] knows.
pub(crate) fn node() -> nestling::NodeBuilder {
    Node::builder("test").version("9.8.7")
}

//! A thread that tells which service blocks its thread, and keeps the deadlines when that is the node's own.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::deadlines::Deadlines;
use super::inbox::Inbox;

/// Watches the services of a node until it is dropped.
#[derive(Debug)]
pub(crate) struct Watchdog {
    watched: Arc<Mutex<Vec<Watched>>>,
    /// Dropping it ends the thread.
    _alive: Option<Sender<()>>,
}

#[derive(Debug)]
struct Watched {
    inbox: Weak<Inbox>,
    /// The beat seen last, and since when.
    beat: u64,
    since: Instant,
    reported: bool,
}

impl Watchdog {
    /// Starts the thread; it reports a service whose handler runs for longer than `limit` without yielding.
    pub(crate) fn start(node: &str, limit: Duration, deadlines: Arc<Deadlines>) -> Self {
        let watched: Arc<Mutex<Vec<Watched>>> = Arc::default();
        let (alive, dropped) = channel();
        let seen = Arc::clone(&watched);
        let period = (limit / 4).clamp(Duration::from_millis(5), Duration::from_millis(250));
        let thread = std::thread::Builder::new().name(format!("{node}-watchdog")).spawn(move || {
            while dropped.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
                look(&mut seen.lock(), limit);
                deadlines.ask();
            }
        });
        if let Err(error) = &thread {
            tracing::warn!(node, %error, "no watchdog: a handler that blocks its thread will not be reported");
        }
        Self { watched, _alive: thread.is_ok().then_some(alive) }
    }

    pub(crate) fn watch(&self, inbox: &Arc<Inbox>) {
        let watched =
            Watched { inbox: Arc::downgrade(inbox), beat: 0, since: Instant::now(), reported: false };
        self.watched.lock().push(watched);
    }
}

fn look(watched: &mut Vec<Watched>, limit: Duration) {
    watched.retain_mut(|watched| {
        let Some(inbox) = watched.inbox.upgrade() else { return false };
        let beat = inbox.beats();
        if beat != watched.beat {
            *watched = Watched { beat, since: Instant::now(), reported: false, inbox: watched.inbox.clone() };
        }
        let blocked = watched.since.elapsed();
        // An odd beat: a poll has begun and not ended.
        if beat % 2 == 1 && blocked >= limit && !watched.reported {
            watched.reported = true;
            tracing::warn!(
                service = &*inbox.service,
                pattern = inbox.in_hand().map(|pattern| &**pattern),
                ?blocked,
                "a handler blocks its thread: move blocking work to `spawn_blocking` or to a service of its own thread",
            );
        }
        true
    });
}

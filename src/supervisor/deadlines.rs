//! The deadlines of a node: one task that sleeps until the next one. A timer for each request would cost a third
//! of the request, and even a single one that is armed costs every turn of the runtime two looks at the clock. So
//! those that need not be exact, the node's default timeouts, are left to the watchdog's thread while they are far
//! away: it says every now and then that it is time to look.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::inbox::{Inbox, Next};

/// A deadline that need not be exact gets a timer within this time. The watchdog comes by more often.
const NEAR: Duration = Duration::from_secs(1);

/// A clock that stands still for this long is paused.
const STILL: Duration = Duration::from_micros(2);

/// No deadline at all.
const NEVER: u64 = u64::MAX;

/// Keeps the deadlines of all inboxes of a node.
#[derive(Debug)]
pub(crate) struct Deadlines {
    epoch: Instant,
    /// The next exact deadline, in microseconds since `epoch`.
    next: AtomicU64,
    /// The next one that need not be exact.
    about: AtomicU64,
    /// Some request's timeout has not begun to count.
    unstamped: AtomicBool,
    /// The watchdog has asked for a look and there was none yet.
    asked: AtomicBool,
    /// The runtime's clock stands still until all wait for it, as in tests: the watchdog, whose clock goes on, would
    /// come too late, and every deadline gets a timer.
    paused: AtomicBool,
    look: Notify,
    inboxes: Mutex<Vec<Weak<Inbox>>>,
}

impl Deadlines {
    pub(crate) fn new() -> Arc<Self> {
        let deadlines = Self {
            epoch: Instant::now(),
            next: AtomicU64::new(NEVER),
            about: AtomicU64::new(NEVER),
            unstamped: AtomicBool::new(false),
            asked: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            look: Notify::new(),
            inboxes: Mutex::default(),
        };
        deadlines.see_whether_paused();
        Arc::new(deadlines)
    }

    pub(super) fn watch(&self, inbox: &Arc<Inbox>) {
        let mut inboxes = self.inboxes.lock();
        // Inboxes come and go with run-time subscriptions.
        if inboxes.len() == inboxes.capacity() {
            inboxes.retain(|inbox| inbox.strong_count() > 0);
        }
        inboxes.push(Arc::downgrade(inbox));
    }

    /// Makes sure that somebody looks at `deadline`.
    pub(super) fn arm(&self, deadline: Instant) {
        let at = self.micros(deadline);
        if self.next.fetch_min(at, Ordering::AcqRel) > at {
            self.look.notify_one();
        }
    }

    /// Makes sure that somebody looks at requests whose timeouts have not begun to count.
    pub(super) fn stamp_soon(&self) {
        // A plain load is all that it costs while requests come one after another.
        if !self.unstamped.load(Ordering::Relaxed) {
            self.unstamped.store(true, Ordering::Release);
            if self.paused.load(Ordering::Relaxed) {
                self.asked.store(true, Ordering::Release);
                self.look.notify_one();
            }
        }
    }

    /// The watchdog comes by. If nobody has looked since it did last, the node's own thread is blocked, and the
    /// watchdog looks for itself.
    pub(super) fn ask(&self) {
        let some = |next: &AtomicU64| next.load(Ordering::Acquire) != NEVER;
        if !self.unstamped.load(Ordering::Acquire) && !some(&self.next) && !some(&self.about) {
            return;
        }
        if self.asked.swap(true, Ordering::AcqRel) {
            self.look_now(Instant::now());
        } else {
            self.look.notify_one();
        }
    }

    fn micros(&self, at: Instant) -> u64 {
        // Rounded up: a look a fraction too early would find nothing.
        u64::try_from(at.saturating_duration_since(self.epoch).as_micros() + 1).unwrap_or(NEVER - 1)
    }

    /// Fails everything that is past its deadline at `now`, and finds the next deadline.
    fn look_now(&self, now: Instant) {
        // Before the inboxes are asked: what is armed meanwhile must not be overwritten.
        self.unstamped.store(false, Ordering::Release);
        self.next.store(NEVER, Ordering::Release);
        self.about.store(NEVER, Ordering::Release);
        let inboxes: Vec<_> = {
            let inboxes = self.inboxes.lock();
            inboxes.iter().filter_map(Weak::upgrade).collect()
        };
        for inbox in inboxes {
            let Next { exact, about } = inbox.expire(now);
            for (next, deadline) in [(&self.next, exact), (&self.about, about)] {
                if let Some(deadline) = deadline {
                    next.fetch_min(self.micros(deadline), Ordering::AcqRel);
                }
            }
        }
    }

    fn see_whether_paused(&self) {
        let (system, runtime) = (std::time::Instant::now(), Instant::now());
        while system.elapsed() < STILL {
            std::hint::spin_loop();
        }
        self.paused.store(runtime == Instant::now(), Ordering::Relaxed);
    }

    /// Keeps the deadlines until the node is gone.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            let now = Instant::now();
            let paused = self.paused.load(Ordering::Relaxed);
            let exact = self.next.load(Ordering::Acquire);
            let about = self.about.load(Ordering::Acquire);
            let about = if paused || about < self.micros(now + NEAR) { about } else { NEVER };
            let next = match exact.min(about) {
                NEVER => None,
                next => Some(self.epoch + Duration::from_micros(next)),
            };
            match next {
                Some(next) => tokio::select! {
                    () = tokio::time::sleep_until(next) => {}
                    () = self.look.notified() => {}
                },
                None => self.look.notified().await,
            }
            // A deadline that is sooner asks for a new timer; only the watchdog and the time ask for a look.
            let now = Instant::now();
            let due = exact.min(about) <= self.micros(now);
            if due || self.asked.load(Ordering::Acquire) {
                self.asked.store(false, Ordering::Release);
                self.look_now(now);
                self.see_whether_paused();
            }
        }
    }
}

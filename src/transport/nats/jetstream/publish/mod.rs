//! Publishes events to their streams, in the order in which they were emitted, and hears of each that it is there.

mod ack;
mod link;
mod task;
mod waiter;
mod window;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

pub(crate) use link::Dial;
pub(super) use task::Streams;

use crate::dead_letter::{Failure, Reason, Sink};
use crate::event::SharedEvent;
use crate::panics::discard;
use crate::peer::Unconfirmed;
use waiter::{Waiter, waiter};

/// How much may be on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Events sent and not confirmed.
    pub(crate) unconfirmed: usize,
    /// All events that are not confirmed.
    pub(crate) waiting: usize,
}

enum Command {
    Publish(SharedEvent, Option<Waiter>),
    /// Ends at that time, or when all is confirmed.
    Close(Instant),
}

/// What the handle and the task share.
struct Desk {
    node: Arc<str>,
    sink: Sink,
    bounds: Bounds,
    /// How many events are on their way.
    depth: AtomicUsize,
}

impl Desk {
    /// An event could not be published: whoever waits for it is told, or else it is a dead letter.
    fn fail(&self, event: SharedEvent, waiter: Option<Waiter>, reason: Reason, problem: String) {
        match waiter {
            Some(waiter) => waiter.tell(Err(Unconfirmed::Refused(problem))),
            None => self.sink.bury(&event, "", "", Failure::new(reason, "nestling", problem), None),
        }
        discard(event);
    }

    fn done(&self) {
        self.depth.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Publishes events. It works from any thread.
pub(crate) struct Publisher {
    desk: Arc<Desk>,
    commands: mpsc::UnboundedSender<Command>,
}

impl Publisher {
    /// Connects, and begins to publish; the task is the caller's to wait for after [`close`](Self::close).
    ///
    /// # Errors
    ///
    /// If there is no connection to be had.
    pub(super) async fn start(
        node: Arc<str>,
        dial: Arc<dyn Dial>,
        streams: Streams,
        sink: Sink,
        bounds: Bounds,
    ) -> Result<(Self, JoinHandle<()>), String> {
        let desk = Arc::new(Desk { node, sink, bounds, depth: AtomicUsize::new(0) });
        let link = link::Link::new(&*dial).await?;
        let (commands, asked) = mpsc::unbounded_channel();
        let task = task::Task::new(Arc::clone(&desk), dial, streams, link, asked);
        Ok((Self { desk, commands }, tokio::spawn(task.run())))
    }

    /// Publishes an event in the background.
    pub(crate) fn emit(&self, event: SharedEvent) {
        self.publish(event, None);
    }

    /// Publishes an event, and resolves when it is in its stream.
    pub(crate) fn emit_confirmed(
        &self,
        event: SharedEvent,
        within: Duration,
    ) -> BoxFuture<'static, Result<(), Unconfirmed>> {
        let (waiter, waiting) = waiter();
        self.publish(event, Some(waiter));
        Box::pin(waiting.within(within))
    }

    fn publish(&self, event: SharedEvent, waiter: Option<Waiter>) {
        let waiting = self.desk.bounds.waiting;
        if self.desk.depth.fetch_add(1, Ordering::AcqRel) >= waiting {
            self.desk.done();
            let problem = format!("{waiting} events wait for the broker already: see `buffered_events`");
            return self.desk.fail(event, waiter, Reason::Unreachable, problem);
        }
        if let Err(mpsc::error::SendError(Command::Publish(event, waiter))) =
            self.commands.send(Command::Publish(event, waiter))
        {
            self.desk.done();
            self.desk.fail(event, waiter, Reason::Unreachable, closed());
        }
    }

    /// Ends the task when all is confirmed, or at `deadline`: what is left then becomes dead letters.
    pub(super) fn close(&self, deadline: Instant) {
        let _ = self.commands.send(Command::Close(deadline));
    }
}

fn closed() -> String {
    "the node shut down before the broker had confirmed it".to_owned()
}

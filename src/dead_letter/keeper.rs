//! The dead-letter actor: all that concerns dead letters passes through its mailbox, in one order.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use actix::fut::WrapFuture;
use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message};
use futures::future::LocalBoxFuture;
use parking_lot::Mutex;
use tokio::sync::{broadcast, oneshot, watch};

use super::origin::Origin;
use super::record::DeadLetter;
use super::replay::{Announce, Redeliver};
use super::stats::Counters;
use super::store::{DeadLetterStore, StoreError};
use super::writer::{Ask, Command, Unwritten, guarded};

/// What the actor, its handles and the replays share.
pub(super) struct Core {
    pub(super) origin: Origin,
    pub(super) counters: Arc<Counters>,
    pub(super) writer: Sender<Command>,
    pub(super) live: broadcast::WeakSender<Arc<DeadLetter>>,
    /// How many replays are under way.
    pub(super) replays: watch::Sender<usize>,
    pub(super) closing: AtomicBool,
    /// Taken out at the end: the node behind it may hold a handle to this.
    pub(super) node: Mutex<Option<Node>>,
}

/// The way back to the node.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) redeliver: Arc<dyn Redeliver>,
    pub(super) announce: Arc<dyn Announce>,
}

impl Core {
    pub(super) fn node(&self) -> Option<Node> {
        self.node.lock().clone()
    }

    pub(super) fn connect(&self, node: Option<Node>) {
        *self.node.lock() = node;
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }
}

/// The way to the actor; where it has gone, to the writer behind it.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) keeper: Addr<Keeper>,
    pub(super) core: Arc<Core>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("counters", &self.core.counters).finish_non_exhaustive()
    }
}

impl Desk {
    pub(super) fn submit(&self, command: Command) {
        // At capacity 0 `try_send` refuses only if the actor has gone; `Pass` then goes on by itself.
        let _ = self.keeper.try_send(Pass { command: Some(command), core: Arc::clone(&self.core) });
    }

    pub(super) fn bury(&self, letter: DeadLetter) {
        self.submit(Command::Bury(Unwritten::new(letter, Arc::clone(&self.core.counters))));
    }

    /// What `look` finds in the store, after all that was buried before.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut dyn DeadLetterStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.ask(Command::Read, look).await
    }

    /// As [`read`](Self::read), for what changes letters: it fails while letters wait for a store that fails.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut dyn DeadLetterStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.ask(Command::Write, change).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        kind: fn(Ask) -> Command,
        call: impl FnOnce(&mut dyn DeadLetterStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.submit(kind(Box::new(move |store| {
            let _ = answer.send(store.and_then(|store| guarded(|| call(store))));
        })));
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    pub(super) async fn flush(&self) -> Result<(), StoreError> {
        let (done, flushed) = oneshot::channel();
        self.submit(Command::Flush(done));
        flushed.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// The actor.
pub(super) struct Keeper {
    pub(super) core: Arc<Core>,
    pub(super) live: broadcast::Sender<Arc<DeadLetter>>,
    /// Commands since it last yielded.
    pub(super) turn: u32,
}

/// How many commands pass before the actor yields: actix empties a mailbox before it lets others have their turn, and
/// threads that bury faster than this would keep it from ever doing so.
const TURN: u32 = 256;

impl Actor for Keeper {
    type Context = Context<Self>;
}

/// A command on its way to the writer. It arrives also if the actor is gone, or goes with the message in its
/// mailbox.
pub(super) struct Pass {
    command: Option<Command>,
    core: Arc<Core>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(command) = self.command.take() {
            // Where the writer has gone too, a letter counts itself as lost, and who asked is told.
            let _ = self.core.writer.send(command);
        }
    }
}

impl Message for Pass {
    type Result = ();
}

impl Handler<Pass> for Keeper {
    type Result = ();

    fn handle(&mut self, pass: Pass, context: &mut Context<Self>) {
        drop(pass);
        self.turn += 1;
        if self.turn >= TURN {
            self.turn = 0;
            context.wait(tokio::task::yield_now().into_actor(self));
        }
    }
}

/// Letters that have been stored.
pub(super) struct Stored(pub(super) Vec<Arc<DeadLetter>>);

impl Message for Stored {
    type Result = ();
}

impl Handler<Stored> for Keeper {
    type Result = ();

    fn handle(&mut self, Stored(letters): Stored, _: &mut Context<Self>) {
        let node = self.core.node();
        self.core.counters.told(letters.len());
        for letter in letters {
            if let Some(node) = &node {
                // What is announced is up to others: it must not take this actor down.
                let announced = catch_unwind(AssertUnwindSafe(|| node.announce.announce(&letter)));
                if announced.is_err() {
                    tracing::error!(id = %letter.id, "announcing a dead letter panicked");
                }
            }
            // Nobody may be listening.
            let _ = self.live.send(letter);
        }
    }
}

/// Something that runs to its end, whoever waits for it.
pub(super) type Job = Box<dyn FnOnce(Desk) -> LocalBoxFuture<'static, ()> + Send>;

pub(super) struct Run(pub(super) Job);

impl Message for Run {
    type Result = ();
}

impl Handler<Run> for Keeper {
    type Result = ();

    fn handle(&mut self, Run(job): Run, context: &mut Context<Self>) {
        let desk = Desk { keeper: context.address(), core: Arc::clone(&self.core) };
        actix_rt::spawn(job(desk));
    }
}

pub(super) struct Stop;

impl Message for Stop {
    type Result = ();
}

impl Handler<Stop> for Keeper {
    type Result = ();

    fn handle(&mut self, _: Stop, context: &mut Context<Self>) {
        context.stop();
    }
}

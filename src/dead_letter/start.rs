//! Starts the dead-letter actor and the writer's thread.

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};

use actix::{AsyncContext, Context};
use parking_lot::Mutex;
use tokio::sync::{broadcast, watch};

use super::handle::DeadLetters;
use super::keeper::{Core, Desk, Keeper, Stored};
use super::origin::Origin;
use super::sink::Sink;
use super::stats::Counters;
use super::store::DeadLetterStore;
use super::writer;

/// How many letters a reader of the live stream may be behind before it misses some.
const LIVE: usize = 1024;

/// What the node says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The node's name.
    pub(crate) node: String,
    /// The application's version.
    pub(crate) version: String,
    /// How many letters may wait in memory while the store fails.
    pub(crate) max_waiting: usize,
}

/// Starts the dead-letter actor on the current `LocalSet`, and the thread that owns the store.
///
/// # Errors
///
/// If the thread cannot be started.
pub(crate) fn start(store: Box<dyn DeadLetterStore>, options: Options) -> io::Result<(Sink, DeadLetters)> {
    let counters = Arc::new(Counters::default());
    let (writer, commands) = mpsc::channel();
    let (live, _) = broadcast::channel(LIVE);
    let core = Arc::new(Core {
        origin: Origin::new(options.node, options.version),
        counters: Arc::clone(&counters),
        writer,
        live: live.downgrade(),
        replays: watch::Sender::new(0),
        closing: AtomicBool::new(false),
        node: Mutex::new(None),
    });
    let mut context = Context::new();
    // Without a bound: a letter is never refused, and their order is kept.
    context.set_mailbox_capacity(0);
    let keeper = context.address();
    // Weak, so that the thread ends when all that could bury or ask has gone.
    let told = keeper.downgrade();
    writer::start(
        store,
        commands,
        counters,
        options.max_waiting,
        Box::new(move |letters| {
            if let Some(keeper) = told.upgrade() {
                keeper.do_send(Stored(letters));
            }
        }),
    )?;
    context.run(Keeper { core: Arc::clone(&core), live, turn: 0 });
    let desk = Arc::new(Desk { keeper, core });
    Ok((Sink::new(Arc::clone(&desk)), DeadLetters::new(desk)))
}

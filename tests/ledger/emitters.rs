//! Who emits: threads and tasks that each number their events.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nestling::EmitError;
use nestling::prelude::*;

use crate::fate::{Mark, draw};
use crate::workers::{Alpha, Beta, Gamma};

pub(crate) const EMITTERS: usize = 6;

/// A number for each emitter.
pub(crate) type PerEmitter = [u64; EMITTERS];

/// With more events queued than this, the emitters pause.
const QUEUED: u64 = 5_000;

/// What an emitter knows of an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Emitted {
    pub(crate) route: &'static str,
    pub(crate) mark: Mark,
    /// A confirmed emit that failed: some lanes may have taken it, and it is nobody's dead letter.
    pub(crate) in_part: bool,
}

/// What all emitters share.
#[derive(Default)]
pub(crate) struct Progress {
    /// How many events each has begun to emit.
    begun: [AtomicU64; EMITTERS],
    /// How many of them it has emitted.
    emitted: [AtomicU64; EMITTERS],
    /// How many all may emit together.
    pub(crate) allowed: AtomicU64,
    pub(crate) stop: AtomicBool,
    /// How many events are queued: nobody emits into a long queue.
    pub(crate) queued: AtomicU64,
}

impl Progress {
    pub(crate) fn begun(&self) -> PerEmitter {
        self.begun.each_ref().map(|count| count.load(Ordering::SeqCst))
    }

    pub(crate) fn emitted(&self) -> PerEmitter {
        self.emitted.each_ref().map(|count| count.load(Ordering::SeqCst))
    }

    pub(crate) fn total(&self) -> u64 {
        self.emitted().iter().sum()
    }

    fn holds(&self) -> bool {
        self.queued.load(Ordering::SeqCst) > QUEUED || self.total() >= self.allowed.load(Ordering::SeqCst)
    }

    fn stops(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// Emits `events` events, most of them without waiting; one in 32 is confirmed.
pub(crate) async fn emit(
    client: Client,
    seed: u64,
    emitter: usize,
    events: u64,
    progress: Arc<Progress>,
) -> Vec<Emitted> {
    let mut emitted = Vec::new();
    for seq in 0..events {
        while progress.holds() && !progress.stops() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if progress.stops() {
            break;
        }
        progress.begun[emitter].store(seq + 1, Ordering::SeqCst);
        let mark = Mark { emitter, seq };
        let route = match draw(seed, (emitter, seq)) {
            0..4_800 => "chaos.alpha",
            4_800..9_600 => "chaos.beta",
            _ => "chaos.gamma",
        };
        let in_part = if seq % 32 == 31 {
            confirmed(&client, route, mark).await.is_err()
        } else {
            match route {
                "chaos.alpha" => client.emit(Alpha(mark)),
                "chaos.beta" => client.emit(Beta(mark)),
                _ => client.emit(Gamma(mark)),
            }
            false
        };
        emitted.push(Emitted { route, mark, in_part });
        progress.emitted[emitter].store(seq + 1, Ordering::SeqCst);
    }
    emitted
}

async fn confirmed(client: &Client, route: &str, mark: Mark) -> Result<(), EmitError> {
    let timeout = Duration::from_millis(20);
    match route {
        "chaos.alpha" => client.emit_confirmed(Alpha(mark)).timeout(timeout).into_future().await,
        "chaos.beta" => client.emit_confirmed(Beta(mark)).timeout(timeout).into_future().await,
        _ => client.emit_confirmed(Gamma(mark)).timeout(timeout).into_future().await,
    }
}

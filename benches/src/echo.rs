//! The workload over a socket: a text goes to a server on a thread of its own, and comes back.

use std::cell::Cell;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::contest::Contestant;
use crate::rig::{Rig, TokioRig};

/// A contestant's client, connected.
pub trait Echo: 'static {
    /// Sends `text`, resolves to what comes back.
    fn echo(&self, text: String) -> impl Future<Output = String>;
}

/// What is sent, and how much of it at a time.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How many requests are in flight.
    pub in_flight: u64,
    /// How long the text is.
    pub bytes: usize,
}

/// A contestant under that load: its client is on the thread of the bench.
pub fn echoing(name: &'static str, rig: &impl Rig, load: Load, peer: impl Echo) -> Contestant {
    let (rig, text) = (rig.clone(), "x".repeat(load.bytes));
    Contestant::new(name, move |requests| rig.block_on(run(&peer, &text, load.in_flight, requests)))
}

/// So many at a time ask again and again, until all is asked.
async fn run<P: Echo>(peer: &P, text: &str, in_flight: u64, requests: u64) -> Duration {
    let left = Cell::new(requests);
    let asking = async || {
        while let Some(rest) = left.get().checked_sub(1) {
            left.set(rest);
            let echoed = peer.echo(text.to_owned()).await;
            assert_eq!(echoed.len(), text.len(), "what came back is not what was sent");
        }
    };
    let start = Instant::now();
    join_all((0..in_flight.min(requests)).map(|_| asking())).await;
    start.elapsed()
}

/// Runs a server on a thread of its own until the process ends, and waits for what it says when it is there: its
/// address, most often.
///
/// # Panics
///
/// If it does not start.
pub fn on_its_own_thread<T: Send + 'static>(serve: impl FnOnce(Sender<T>) + Send + 'static) -> T {
    let (started, said) = mpsc::channel();
    thread::spawn(move || serve(started));
    said.recv().expect("the server starts")
}

/// As [`on_its_own_thread`], on a current-thread runtime of tokio's.
///
/// # Panics
///
/// If it does not start.
pub fn on_its_own_runtime<T, F, S>(serve: S) -> T
where
    T: Send + 'static,
    F: Future<Output = ()>,
    S: FnOnce(Sender<T>) -> F + Send + 'static,
{
    on_its_own_thread(move |started| TokioRig::new().block_on(serve(started)))
}

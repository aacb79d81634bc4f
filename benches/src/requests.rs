//! The request workload: a number goes to an actor, which adds it to its state and answers with the sum.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::contest::Contestant;
use crate::rig::Rig;

/// How many requests are in flight in the bulk case.
pub const BULK: usize = 1_000;

/// The typed error of the request; no contestant ever answers with it, all carry it in their response.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("refused")]
pub struct Refused;

/// What the actor of every contestant does with a request.
#[derive(Debug, Default)]
pub struct Adder {
    sum: u64,
}

impl Adder {
    /// The response.
    ///
    /// # Errors
    ///
    /// Never; the type is part of the workload.
    pub fn add(&mut self, number: u64) -> Result<u64, Refused> {
        self.sum = self.sum.wrapping_add(number);
        Ok(self.sum)
    }
}

/// A contestant's way to ask.
pub trait Ask: 'static {
    /// Sends `number`, resolves to the response.
    fn ask(&self, number: u64) -> impl Future<Output = u64>;
}

/// How many requests are in flight.
#[derive(Debug, Clone, Copy)]
pub enum Load {
    /// One: each response is awaited before the next request.
    One,
    /// [`BULK`]: all are started, then their responses are taken.
    Bulk,
}

/// A contestant under that load.
pub fn asking(name: &'static str, rig: &impl Rig, load: Load, peer: impl Ask) -> Contestant {
    let rig = rig.clone();
    Contestant::new(name, move |requests| match load {
        Load::One => rig.block_on(one_by_one(&peer, requests)),
        Load::Bulk => rig.block_on(bulk(&peer, requests)),
    })
}

async fn one_by_one<P: Ask>(peer: &P, requests: u64) -> Duration {
    let start = Instant::now();
    for number in 0..requests {
        std::hint::black_box(peer.ask(number).await);
    }
    start.elapsed()
}

/// The futures lie in slots that are used again and again, so that only the contestant allocates, never the bench.
async fn bulk<P: Ask>(peer: &P, requests: u64) -> Duration {
    let flights = requests.div_ceil(BULK as u64);
    let mut slots: Vec<_> = (0..BULK).map(|_| Box::pin(None)).collect();
    let mut start = Instant::now();
    for flight in 0..=flights {
        // The first flight warms up.
        if flight == 1 {
            start = Instant::now();
        }
        for (number, slot) in slots.iter_mut().enumerate() {
            slot.as_mut().set(Some(peer.ask(number as u64)));
        }
        poll_fn(|context| {
            for slot in &mut slots {
                let _ = poll_slot(slot.as_mut(), context);
            }
            Poll::Ready(())
        })
        .await;
        for slot in &mut slots {
            poll_fn(|context| poll_slot(slot.as_mut(), context)).await;
        }
    }
    start.elapsed().mul_f64(requests as f64 / (flights * BULK as u64) as f64)
}

/// Polls what is in the slot; a slot whose response has come is empty.
fn poll_slot<F: Future<Output = u64>>(mut slot: Pin<&mut Option<F>>, context: &mut Context<'_>) -> Poll<()> {
    let Some(request) = slot.as_mut().as_pin_mut() else { return Poll::Ready(()) };
    request.poll(context).map(|response| {
        std::hint::black_box(response);
        slot.set(None);
    })
}

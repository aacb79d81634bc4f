//! Bare tokio tasks and channels: what fan-out costs without any actor.

use std::sync::Arc;

use tokio::sync::{broadcast, mpsc};

use crate::events::{Emit, FanOut, Sale, Tally, Till};

/// `broadcast::Sender::send` to a task a subscriber. There is no hub in between, and a slow subscriber would lose
/// events; here the channel holds a whole batch.
pub struct Broadcast(broadcast::Sender<Sale>);

impl Broadcast {
    /// Starts the subscribers; must run inside a runtime.
    #[must_use]
    pub fn start(fan_out: FanOut, tally: &Arc<Tally>) -> Self {
        let (sender, _) = broadcast::channel(fan_out.batch.max(16) as usize);
        for _ in 0..fan_out.width {
            let (mut receiver, mut till) = (sender.subscribe(), Till::new(tally));
            tokio::spawn(async move {
                while let Ok(sale) = receiver.recv().await {
                    till.ring_up(&sale);
                }
            });
        }
        Self(sender)
    }
}

impl Emit for Broadcast {
    fn emit(&self, sale: Sale) {
        self.0.send(sale).expect("the subscribers run");
    }
}

/// A hub task that sends each event down one unbounded channel a subscriber: the same hops as an actor's, so the
/// floor for anything with a hub and a queue a subscriber.
pub struct Hub(mpsc::UnboundedSender<Sale>);

impl Hub {
    /// Starts hub and subscribers in the `LocalSet` that actors run in; must run inside an actix system.
    #[must_use]
    pub fn start(fan_out: FanOut, tally: &Arc<Tally>) -> Self {
        let subscribers: Vec<_> = (0..fan_out.width).map(|_| subscriber(Till::new(tally))).collect();
        let (hub, mut events) = mpsc::unbounded_channel();
        actix_rt::spawn(async move {
            while let Some(sale) = events.recv().await {
                for subscriber in &subscribers {
                    let _ = subscriber.send(sale);
                }
            }
        });
        Self(hub)
    }
}

fn subscriber(mut till: Till) -> mpsc::UnboundedSender<Sale> {
    let (sender, mut events) = mpsc::unbounded_channel();
    actix_rt::spawn(async move {
        while let Some(sale) = events.recv().await {
            till.ring_up(&sale);
        }
    });
    sender
}

impl Emit for Hub {
    fn emit(&self, sale: Sale) {
        self.0.send(sale).expect("the hub runs");
    }
}

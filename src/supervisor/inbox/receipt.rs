//! Who is told how a delivery ended: a replay, or the broker that the event came from.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::dead_letter::{History, Redelivery};

/// Who is told how a delivery ended.
pub(in crate::supervisor) enum Receipt {
    Replay(oneshot::Sender<Redelivery>),
    Broker(BrokerReceipt),
}

impl Receipt {
    pub(in crate::supervisor) fn is_broker(&self) -> bool {
        matches!(self, Self::Broker(_))
    }

    pub(in crate::supervisor) fn handled(self) {
        match self {
            Self::Replay(replay) => drop(replay.send(Redelivery::Handled)),
            Self::Broker(receipt) => receipt.tell(Settlement::Handled),
        }
    }

    /// It has been handed to the dead letters.
    pub(in crate::supervisor) fn dead_lettered(self) {
        match self {
            Self::Replay(replay) => drop(replay.send(Redelivery::Failed)),
            Self::Broker(receipt) => receipt.tell(Settlement::DeadLettered),
        }
    }

    /// It was not handled, and is for the broker to deliver again.
    pub(in crate::supervisor) fn returned(self, resume: Option<Resume>) {
        match self {
            // Its end tells: what is not taken is as it was.
            Self::Replay(_) => {}
            Self::Broker(receipt) => receipt.tell(Settlement::Returned(resume)),
        }
    }
}

/// How a delivery that came from a broker ended.
#[derive(Debug)]
pub(crate) enum Settlement {
    /// The handler took it.
    Handled,
    /// It has been handed to the dead letters, which may not have stored it yet.
    DeadLettered,
    /// It was not handled, and the broker is to deliver it again: with what its next delivery goes on, if an attempt
    /// of it failed.
    Returned(Option<Resume>),
}

/// What another delivery of the same event goes on with.
#[derive(Debug, Clone)]
pub(crate) struct Resume {
    /// Which attempt comes next.
    pub(crate) attempt: u32,
    /// The attempts that failed.
    pub(crate) history: Option<History>,
    /// When the first of them failed.
    pub(crate) since: Option<Instant>,
    /// How long from now the next attempt is to be made.
    pub(crate) delay: Duration,
}

/// Where a broker's side hears how its deliveries ended.
pub(crate) type Settlements = mpsc::UnboundedReceiver<(u64, Settlement)>;

/// Tells the broker's side how one delivery ended, exactly once: one that is dropped untold was returned.
#[derive(Debug)]
pub(crate) struct BrokerReceipt {
    token: u64,
    teller: Option<mpsc::UnboundedSender<(u64, Settlement)>>,
}

impl BrokerReceipt {
    /// A receipt that says `token` with what it tells. What is told is bounded by the deliveries under way.
    pub(crate) fn new(token: u64, teller: &mpsc::UnboundedSender<(u64, Settlement)>) -> Self {
        Self { token, teller: Some(teller.clone()) }
    }

    fn tell(mut self, settlement: Settlement) {
        self.send(settlement);
    }

    fn send(&mut self, settlement: Settlement) {
        if let Some(teller) = self.teller.take() {
            // The broker's side may have gone; then the broker delivers again by itself.
            let _ = teller.send((self.token, settlement));
        }
    }
}

impl Drop for BrokerReceipt {
    fn drop(&mut self) {
        self.send(Settlement::Returned(None));
    }
}

/// What comes from a broker beside the event.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// Which attempt it begins with: 1 is the first.
    pub(crate) attempt: u32,
    /// The attempts that failed in earlier deliveries, and when the first did.
    pub(crate) history: Option<History>,
    pub(crate) since: Option<Instant>,
    pub(crate) receipt: BrokerReceipt,
}

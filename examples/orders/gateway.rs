//! The e-mail gateway: a stand-in that fails for a fixed share of addresses, always for the same ones.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

/// What the gateway does with the mails for one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Accepts,
    /// Refuses the first mail for now, and takes it when it is tried again, as greylisting mail servers do.
    Greylists,
    /// Refuses every mail.
    Refuses,
    /// Has a fault that panics on every mail.
    Panics,
}

/// Of a thousand addresses, so many meet each fate; all others accept their mails.
pub(crate) const REFUSING: u64 = 30;
pub(crate) const PANICKING: u64 = 10;
pub(crate) const GREYLISTING: u64 = 50;

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailError {
    #[error("{address} refuses the mail: 550 no such mailbox")]
    Refused { address: String },
    #[error("{address} is busy: 451 try again later")]
    Greylisted { address: String },
}

/// Sends mails. Clones are the same gateway.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gateway {
    repaired: bool,
    greeted: Rc<RefCell<HashSet<u64>>>,
    sent: Rc<Cell<u64>>,
}

impl Gateway {
    /// A gateway that fails for its share of addresses.
    pub(crate) fn faulty() -> Self {
        Self::default()
    }

    /// A gateway that sends every mail.
    pub(crate) fn repaired() -> Self {
        Self { repaired: true, ..Self::default() }
    }

    /// How many mails it has sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// Sends a mail to a customer.
    ///
    /// # Panics
    ///
    /// For a fixed share of addresses: the fault that the node has to survive.
    pub(crate) fn send(&self, customer_id: u64, _subject: &str) -> Result<(), MailError> {
        let fate = if self.repaired { Fate::Accepts } else { fate(customer_id) };
        let address = || format!("customer-{customer_id}@example.com");
        match fate {
            Fate::Refuses => return Err(MailError::Refused { address: address() }),
            Fate::Panics => panic!("the e-mail gateway has no connection for {}", address()),
            Fate::Greylists if self.greeted.borrow_mut().insert(customer_id) => {
                return Err(MailError::Greylisted { address: address() });
            }
            Fate::Greylists | Fate::Accepts => {}
        }
        self.sent.set(self.sent.get() + 1);
        Ok(())
    }
}

/// The same for the same customer, on every machine and in every run.
fn fate(customer_id: u64) -> Fate {
    match mixed(customer_id) % 1000 {
        share if share < REFUSING => Fate::Refuses,
        share if share < REFUSING + PANICKING => Fate::Panics,
        share if share < REFUSING + PANICKING + GREYLISTING => Fate::Greylists,
        _ => Fate::Accepts,
    }
}

/// The finaliser of SplitMix64: numbers that follow one another come out scattered.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

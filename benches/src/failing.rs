//! A subscriber that fails for a share of its events, and a neighbour that does not.

use std::sync::Arc;

use nestling::dead_letter::DeadLetterStore;
use nestling::prelude::*;

use crate::events::{Emit, Sale, Tally, Till};

/// The event whose subscriber fails.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("mail.due")]
pub struct MailDue(Sale);

/// The event whose subscriber never fails.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("till.rung")]
pub struct Rung(Sale);

/// Fails on every so manieth event; 0 is never. No retries: each failure is a restart and a dead letter.
struct Mailer {
    every: u64,
    till: Till,
}

impl Actor for Mailer {
    type Context = Context<Self>;
}

impl Supervised for Mailer {}

impl Service for Mailer {
    const NAME: &'static str = "mailer";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<MailDue>();
    }
}

impl Handler<MailDue> for Mailer {
    type Result = Result<(), EventError>;

    fn handle(&mut self, MailDue(sale): MailDue, _: &mut Context<Self>) -> Self::Result {
        self.till.ring_up(&sale);
        if self.every != 0 && sale.order % self.every == 0 {
            return Err(EventError::msg("the mail server is down"));
        }
        Ok(())
    }
}

#[derive(Service)]
#[service("clerk", events(Rung))]
struct Clerk(Till);

impl Handler<Rung> for Clerk {
    type Result = Result<(), EventError>;

    fn handle(&mut self, Rung(sale): Rung, _: &mut Context<Self>) -> Self::Result {
        self.0.ring_up(&sale);
        Ok(())
    }
}

/// A node with both subscribers.
pub struct Office {
    client: Client,
    node: Node,
}

impl Office {
    /// Starts the node; `mails` counts the failing subscriber's events, `sales` its neighbour's.
    ///
    /// # Panics
    ///
    /// If the node does not start.
    pub async fn start(
        every: u64,
        store: impl DeadLetterStore,
        mails: &Arc<Tally>,
        sales: &Arc<Tally>,
    ) -> Self {
        let node = Node::builder("bench")
            .service(Mailer { every, till: Till::new(mails) })
            .service(Clerk(Till::new(sales)))
            .dead_letters(store)
            .start()
            .await
            .expect("the node starts");
        Self { client: node.client(), node }
    }

    /// Emits an event to the subscriber that never fails.
    pub fn ring(&self, sale: Sale) {
        self.client.emit(Rung(sale));
    }
}

impl Emit for Office {
    fn emit(&self, sale: Sale) {
        self.client.emit(MailDue(sale));
    }

    /// Every dead letter is written: the bench measures what can be kept up, not what can be put off.
    async fn settle(&self) {
        self.node.dead_letters().flush().await.expect("the store is written");
    }
}

//! Sends mails. Its gateway fails now and then; nobody else notices.

use std::time::Duration;

use nestling::prelude::*;

use crate::gateway::Gateway;
use crate::messages::{OrderCreated, UserCreated};
use crate::state;

/// It needs no more than the events themselves: one mail each.
pub(crate) const TABLE: &str = "";

#[derive(Debug)]
pub(crate) struct Notifications {
    gateway: Gateway,
}

impl Notifications {
    pub(crate) fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

impl Actor for Notifications {
    type Context = Context<Self>;
}

impl Supervised for Notifications {}

impl Service for Notifications {
    const NAME: &'static str = "notifications";

    fn patterns(patterns: &mut Patterns<Self>) {
        let retry =
            Retry::exponential(3).first_delay(Duration::from_millis(1)).cap(Duration::from_millis(10));
        // Mails need no order among themselves, so one that waits for its retry holds up no other.
        patterns.event::<Delivery<OrderCreated>>().retry(retry.clone()).concurrency(32);
        patterns.event::<Delivery<UserCreated>>().retry(retry).concurrency(32);
        // A mail that is refused leaves nothing behind that a restart could mend.
        patterns.restart_on(RestartOn::Panic);
        // Nor is there anything to spare by waiting: a new gateway costs nothing, and other mails are behind.
        patterns.restart_backoff(Backoff::new(Duration::ZERO, 1.0, Duration::ZERO));
    }
}

impl Handler<Delivery<OrderCreated>> for Notifications {
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, order: Delivery<OrderCreated>, _: &mut Context<Self>) -> Self::Result {
        let subject = format!("{}: {} CDs for {}", order.order_id, order.quantity, order.total);
        let sent = self.gateway.send(order.customer_id, &subject);
        Box::pin(sent_once(order, sent))
    }
}

impl Handler<Delivery<UserCreated>> for Notifications {
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, user: Delivery<UserCreated>, _: &mut Context<Self>) -> Self::Result {
        let sent = self.gateway.send(user.customer_id, "Welcome to the record shop");
        Box::pin(sent_once(user, sent))
    }
}

/// Notes a mail that was sent. A kill between the two sends it again: a mail server is in nobody's transaction.
async fn sent_once<E: EventPattern>(
    event: Delivery<E>,
    sent: Result<(), crate::gateway::MailError>,
) -> Result<(), EventError> {
    sent?;
    let noted = event.clone();
    event.transaction(move |transaction| state::note(transaction, noted.metadata())).await?;
    Ok(())
}

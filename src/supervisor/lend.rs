//! What a delivery finds of its node when its handler asks: which subscription it belongs to, and the node's table of
//! handled events. Nothing of it is touched for an event whose handler does not ask.

use std::sync::Arc;

use super::inbox::Inbox;
use crate::handled::Handled;

/// What a service's supervisor leaves in its scope for deliveries.
pub(super) struct Lender {
    pub(super) inbox: Arc<Inbox>,
    pub(super) handled: Handled,
}

#[cfg(feature = "sqlite")]
mod transaction {
    use std::any::Any;

    use rusqlite::Transaction;

    use super::Lender;
    use crate::error::EventError;
    use crate::event::{AnyEvent, Delivery, Whose};
    use crate::handled::{SqliteHandled, transact};
    use crate::metadata::Metadata;
    use crate::pattern::EventPattern;
    use crate::{panics, scope};

    impl<E: EventPattern> Delivery<E> {
        /// Commits a handler's effects in a SQLite file once for each event, however often it is delivered: in one
        /// transaction of the node's [`SqliteHandled`] it looks whether this subscription has handled this event
        /// before, runs `effects` if not, records the event, and commits. The closure's value comes back, or `None` if
        /// the event had been handled, and then the closure has not run.
        ///
        /// Nothing is committed if the closure fails or panics (which is the handler's panic then), nor if the process
        /// ends before the commit; after it, no redelivery, retry or replay runs the closure again. So effects in that
        /// file happen exactly once. The handler itself is called again until it has succeeded, with `None` here: what it
        /// does elsewhere is done at least once.
        ///
        /// ```
        /// # use nestling::prelude::*;
        /// # #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
        /// # #[event_pattern("order.paid")]
        /// # struct OrderPaid { customer: u64, cents: i64 }
        /// # struct Ledger;
        /// # impl Actor for Ledger { type Context = Context<Self>; }
        /// # impl Supervised for Ledger {}
        /// # impl Service for Ledger {
        /// #     const NAME: &'static str = "ledger";
        /// #     fn patterns(patterns: &mut Patterns<Self>) { patterns.event::<Delivery<OrderPaid>>(); }
        /// # }
        /// impl Handler<Delivery<OrderPaid>> for Ledger {
        ///     type Result = ResponseFuture<Result<(), EventError>>;
        ///     fn handle(&mut self, paid: Delivery<OrderPaid>, _: &mut Context<Self>) -> Self::Result {
        ///         Box::pin(async move {
        ///             let OrderPaid { customer, cents } = *paid;
        ///             paid.transaction(move |tx| {
        ///                 let sql = "UPDATE accounts SET cents = cents + ?2 WHERE customer = ?1";
        ///                 tx.execute(sql, (customer as i64, cents))?;
        ///                 Ok(())
        ///             })
        ///             .await?;
        ///             Ok(())
        ///         })
        ///     }
        /// }
        /// # fn node() -> Result<(), Box<dyn std::error::Error>> {
        /// let builder = Node::builder("shop").service(Ledger).handled(SqliteHandled::open("shop.db")?);
        /// # let _ = builder;
        /// # Ok(())
        /// # }
        /// ```
        ///
        /// It is called in the handler or in what the handler returned, not in a task beside it. The closure runs on the
        /// store's thread and blocks no actor, but it holds up the store: keep it short, and send or emit nothing in it.
        /// The transaction is the file's one writer while it runs. A delivery has one: put all effects into it.
        ///
        /// # Errors
        ///
        /// The closure's own; SQLite's, which a retry may mend. Permanent ones say what to do: if the node has no
        /// [`SqliteHandled`], if the delivery has had its transaction, or if it is not in its handler's hands.
        pub async fn transaction<T, F>(&self, effects: F) -> Result<Option<T>, EventError>
        where
            T: Send + 'static,
            F: FnOnce(&Transaction<'_>) -> Result<T, EventError> + Send + 'static,
        {
            lend(self.whose(), self.metadata(), effects).await
        }
    }

    impl AnyEvent {
        /// As [`Delivery::transaction`].
        ///
        /// # Errors
        ///
        /// As there.
        pub async fn transaction<T, F>(&self, effects: F) -> Result<Option<T>, EventError>
        where
            T: Send + 'static,
            F: FnOnce(&Transaction<'_>) -> Result<T, EventError> + Send + 'static,
        {
            lend(self.whose(), self.metadata(), effects).await
        }
    }

    async fn lend<T, F>(whose: &Whose, metadata: &Metadata, effects: F) -> Result<Option<T>, EventError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, EventError> + Send + 'static,
    {
        let permanent = |problem: &str| {
            let route = metadata.route();
            EventError::permanent(EventError::msg(format!("no transaction for `{route}`: {problem}")))
        };
        let lender = scope::lender().and_then(|lender| lender.downcast::<Lender>().ok());
        let Some((lender, subscription)) =
            lender.and_then(|it| it.inbox.subscription_of(whose.number()).map(|index| (it, index)))
        else {
            return Err(permanent(
                "a delivery lends one in its own service's handler and in what that returns, not in a task or an actor \
                 beside it",
            ));
        };
        if whose.was_lent() {
            return Err(permanent("this delivery has had its one: put all its effects into it"));
        }
        let Lender { inbox, handled } = &*lender;
        let key = handled.key(&inbox.service, inbox.pattern_of(subscription), metadata.id());
        let transacted = handled.with(move |store| {
            let store: &mut dyn Any = store;
            store.downcast_mut::<SqliteHandled>().map(|store| transact(store, &key, effects))
        });
        let Some(transacted) = transacted.await?.flatten() else {
            return Err(permanent(
                "the node keeps its handled events elsewhere: give its builder \
                 `.handled(SqliteHandled::open(\"app.db\")?)`",
            ));
        };
        let value = transacted.unwrap_or_else(|panic| panics::resume(*panic))?;
        whose.lent();
        Ok(value)
    }
}

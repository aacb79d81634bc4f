//! Counts everything that happens, whatever its pattern.

use nestling::prelude::*;

use crate::state;

/// It needs no more than the events themselves.
pub(crate) const TABLE: &str = "";

#[derive(Debug)]
pub(crate) struct Audit;

impl Actor for Audit {
    type Context = Context<Self>;
}

impl Supervised for Audit {}

impl Service for Audit {
    const NAME: &'static str = "audit";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.matching("order.>");
        patterns.matching("user.>");
    }
}

impl Handler<AnyEvent> for Audit {
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async move {
            let seen = event.clone();
            event.transaction(move |transaction| state::note(transaction, seen.metadata())).await?;
            Ok(())
        })
    }
}

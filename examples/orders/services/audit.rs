//! Counts everything that happens, whatever its pattern.

use std::collections::BTreeMap;

use actix::MessageResult;
use nestling::prelude::*;

use crate::messages::CountEvents;

#[derive(Debug, Default)]
pub(crate) struct Audit {
    seen: BTreeMap<String, u64>,
}

impl Actor for Audit {
    type Context = Context<Self>;
}

impl Supervised for Audit {}

impl Service for Audit {
    const NAME: &'static str = "audit";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.matching(">");
    }
}

impl Handler<AnyEvent> for Audit {
    type Result = Result<(), EventError>;

    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        match self.seen.get_mut(event.route().as_str()) {
            Some(count) => *count += 1,
            None => drop(self.seen.insert(event.route().to_string(), 1)),
        }
        Ok(())
    }
}

impl Handler<CountEvents> for Audit {
    type Result = MessageResult<CountEvents>;

    fn handle(&mut self, _: CountEvents, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.seen.clone())
    }
}

//! The actors of the suite. What they do with what comes is told by closures.

use std::rc::Rc;

use futures::FutureExt;
use nestling::prelude::*;

use super::handling::{Answering, Ask, Beside, Counting, Event, Taking};
use super::patterns::{CountUp, Double, Happened, Nobody, Noted, Nothing, Odd};

/// How often a failed event is tried again.
const RETRIES: u32 = 5;

/// Takes events in an ordered lane.
pub(super) struct Ordered(pub(super) Taking);

/// Takes events of several patterns, in one ordered lane.
pub(super) struct Mixed(pub(super) Taking);

/// Takes events without order, many at once.
pub(super) struct Crowd(pub(super) Taking);

/// Answers messages.
pub(super) struct Answerer(pub(super) Answering);

/// Answers with streams.
pub(super) struct Counter(pub(super) Counting);

/// Takes what nobody is to handle, and never answers.
pub(super) struct Swallower(pub(super) Rc<dyn Fn()>);

macro_rules! actors {
    ($($actor:ident $name:literal |$patterns:ident| $declared:expr;)+) => {
        $(
            impl Actor for $actor {
                type Context = Context<Self>;
            }
            impl Supervised for $actor {}
            impl Service for $actor {
                const NAME: &'static str = $name;
                fn patterns($patterns: &mut Patterns<Self>) {
                    $declared;
                }
            }
        )+
    };
}

actors! {
    Ordered "ordered" |patterns| patterns
        .event::<Delivery<Happened>>().retry(Retry::immediate(RETRIES));
    Mixed "mixed" |patterns| patterns
        .event::<Delivery<Happened>>().retry(Retry::immediate(RETRIES))
        .event::<Delivery<Noted>>().retry(Retry::immediate(RETRIES))
        .event::<Delivery<Nothing>>();
    Crowd "crowd" |patterns| patterns
        .event::<Delivery<Happened>>().retry(Retry::immediate(RETRIES)).concurrency(32);
    Answerer "answerer" |patterns| patterns.message::<Delivery<Double>>();
    Counter "counter" |patterns| patterns.stream::<CountUp>();
    Swallower "swallower" |patterns| patterns.message::<Nobody>();
}

fn beside(metadata: &Metadata) -> Beside {
    Beside {
        route: metadata.route().to_string(),
        id: metadata.id().to_string(),
        correlation: metadata.correlation_id().to_string(),
        causation: metadata.causation_id().map(ToString::to_string),
        headers: metadata.headers().clone(),
    }
}

macro_rules! takes {
    ($($actor:ident $event:ident |$it:ident| $emitter:expr, $number:expr, $text:expr, $beside:expr;)+) => {
        $(
            impl Handler<Delivery<$event>> for $actor {
                type Result = ResponseFuture<Result<(), EventError>>;
                fn handle(&mut self, $it: Delivery<$event>, ctx: &mut Context<Self>) -> Self::Result {
                    let seen = Event {
                        emitter: $emitter,
                        number: $number,
                        text: $text.to_owned(),
                        attempt: $it.attempt(),
                        beside: $beside,
                        client: ctx.client(),
                    };
                    (self.0)(seen)
                }
            }
        )+
    };
}

takes! {
    Ordered Happened |it| it.emitter, it.number, it.text, beside(it.metadata());
    Mixed Happened |it| it.emitter, it.number, it.text, beside(it.metadata());
    Mixed Noted |it| it.emitter, it.number, "", beside(it.metadata());
    Mixed Nothing |it| u32::MAX, 0, "", beside(it.metadata());
    Crowd Happened |it| it.emitter, it.number, it.text, Beside::default();
}

impl Handler<Delivery<Double>> for Answerer {
    type Result = ResponseFuture<Result<u64, Odd>>;
    fn handle(&mut self, double: Delivery<Double>, _: &mut Context<Self>) -> Self::Result {
        (self.0)(Ask {
            number: double.number,
            text: double.text.clone(),
            correlation: double.correlation_id().to_string(),
            headers: double.headers().clone(),
        })
    }
}

impl Handler<CountUp> for Counter {
    type Result = ResponseStream<u64, Odd>;
    fn handle(&mut self, count: CountUp, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::new((self.0)(count))
    }
}

impl Handler<Nobody> for Swallower {
    type Result = ResponseFuture<Result<u64, Odd>>;
    fn handle(&mut self, _: Nobody, _: &mut Context<Self>) -> Self::Result {
        (self.0)();
        std::future::pending().boxed_local()
    }
}

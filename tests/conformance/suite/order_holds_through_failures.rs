//! What fails and is tried again keeps its place: nothing of its emitter is handled before it.

use nestling::prelude::*;

use crate::harness::{
    Fault, Guarantee, Happened, Seen, Serving, Transport, Verdict, arrive, in_order, random, taking,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::RetriesBehind, Guarantee::OrderKept)];

const EMITTERS: u32 = 3;
const EVENTS: u32 = 100;

/// What comes after all failures, so that a transport that tries again behind others has them.
const LAST: u32 = 8;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let mut random = random();
    let failures: Vec<u32> = (0..EMITTERS * EVENTS).map(|_| random.u32(0..12).saturating_sub(8)).collect();
    let seen = Seen::default();
    let handle = {
        let seen = seen.clone();
        taking(move |event| {
            let failures = match event.emitter {
                EMITTERS => 0,
                emitter => failures[(emitter * EVENTS + event.number) as usize],
            };
            let seen = seen.clone();
            async move {
                tokio::task::yield_now().await;
                if event.attempt <= failures {
                    return Err(EventError::msg("not yet"));
                }
                seen.push(event);
                Ok(())
            }
        })
    };
    let _server = transport.serve(Serving::node("shop").ordered("audit", handle)).await;
    let caller = transport.caller().await;
    for number in 0..EVENTS {
        for emitter in 0..EMITTERS {
            caller.client().emit(Happened::new(emitter, number));
        }
    }
    for number in 0..LAST {
        caller.client().emit(Happened::new(EMITTERS, number));
    }
    let wanted = (EMITTERS * EVENTS + LAST) as usize;
    arrive(transport.patience(), wanted, || seen.distinct()).await;
    in_order(&seen.events())?;
    Guarantee::NothingLost.ensure(seen.distinct() == wanted, || format!("{} have come", seen.distinct()))
}

//! Where instances of a service share its events, each emitter's are handled in their order all the same, through
//! failures too.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use nestling::prelude::*;

use crate::harness::{
    Fault, Guarantee, Happened, Seen, Serving, Transport, Verdict, arrive, in_order, random, taking,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::AcknowledgesEarly, Guarantee::OrderKept)];

const EMITTERS: u32 = 2;
const EVENTS: u32 = 150;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let random = Rc::new(RefCell::new(random()));
    let seen = Seen::default();
    let handle = {
        let seen = seen.clone();
        taking(move |event| {
            let (seen, micros) = (seen.clone(), random.borrow_mut().u64(..4_000));
            async move {
                tokio::time::sleep(Duration::from_micros(micros)).await;
                if event.number % 10 == 4 && event.attempt < 3 {
                    return Err(EventError::msg("not yet"));
                }
                seen.push(event);
                Ok(())
            }
        })
    };
    let instance = Serving::node("shop").ordered("audit", handle);
    let _instances = [transport.serve(instance.clone()).await, transport.serve(instance).await];
    let caller = transport.caller().await;
    // All at once, so that something waits for each instance.
    for number in 0..EVENTS {
        for emitter in 0..EMITTERS {
            caller.client().emit(Happened::new(emitter, number));
        }
    }
    let wanted = (EMITTERS * EVENTS) as usize;
    arrive(transport.patience(), wanted, || seen.distinct()).await;
    in_order(&seen.events())?;
    Guarantee::NothingLost.ensure(seen.distinct() == wanted, || format!("{} have come", seen.distinct()))
}

//! An event whose handler fails is delivered again, attempt by attempt, until it is handled.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use nestling::prelude::*;

use crate::harness::{Fault, Guarantee, Seen, Serving, Taking, Transport, Verdict, arrive, emit, taking};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::SwallowsFailures, Guarantee::DeliveredAgain)];

const EVENTS: u32 = 200;

/// How often an event fails.
fn failures(number: u32) -> u32 {
    if number % 5 == 2 { 1 + number % 3 } else { 0 }
}

/// The attempts at each event, in their order.
type Attempts = Rc<RefCell<BTreeMap<u32, Vec<u32>>>>;

fn failing(seen: &Seen, attempts: &Attempts) -> Taking {
    let (seen, attempts) = (seen.clone(), Rc::clone(attempts));
    taking(move |event| {
        let (seen, attempts) = (seen.clone(), Rc::clone(&attempts));
        async move {
            attempts.borrow_mut().entry(event.number).or_default().push(event.attempt);
            if event.attempt <= failures(event.number) {
                return Err(EventError::msg("not yet"));
            }
            seen.push(event);
            Ok(())
        }
    })
}

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let services = ["audit", "billing"].map(|name| (name, Seen::default(), Attempts::default()));
    let shop = Serving::node("shop")
        .ordered("audit", failing(&services[0].1, &services[0].2))
        .crowd("billing", failing(&services[1].1, &services[1].2));
    let server = transport.serve(shop).await;
    let caller = transport.caller().await;
    emit(caller.client(), 0, EVENTS);
    for (service, seen, attempts) in &services {
        arrive(transport.patience(), EVENTS as usize, || seen.distinct()).await;
        for (number, attempts) in attempts.borrow().iter() {
            let expected: Vec<_> = (1..=failures(*number) + 1).collect();
            Guarantee::DeliveredAgain
                .ensure(*attempts == expected, || format!("{service} tries {number} as {attempts:?}"))?;
        }
        Guarantee::NothingLost
            .ensure(seen.distinct() == EVENTS as usize, || format!("{}", seen.distinct()))?;
    }
    let letters = server.stats().map_or(0, |stats| stats.total().dead_lettered);
    Guarantee::DeliveredAgain.ensure(letters == 0, || format!("{letters} are dead letters"))
}

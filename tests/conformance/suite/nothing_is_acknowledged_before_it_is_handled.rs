//! A durable event that a node has in hand when it ends is delivered again: after a close that cut it off, and after an
//! end without any close.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use crate::harness::{
    Fault, Guarantee, Numbers, PATIENCE, Seen, Serving, Transport, Verdict, arrive, confirm, taking,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::AcknowledgesEarly, Guarantee::AcknowledgedLate)];

const EVENTS: u32 = 10;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let in_hand = Rc::new(Cell::new(0));
    let stuck = || {
        let in_hand = Rc::clone(&in_hand);
        taking(move |_| {
            in_hand.set(in_hand.get() + 1);
            pending()
        })
    };
    let hanging = Serving::node("shop").ordered("audit", stuck()).crowd("billing", stuck());
    let mut caller = None;
    for (round, crash) in [false, true].into_iter().enumerate() {
        in_hand.set(0);
        let server = transport.serve(hanging.clone()).await;
        let caller = match &caller {
            Some(caller) => caller,
            None => &*caller.insert(transport.caller().await),
        };
        let confirmed = confirm(caller.client(), round as u32, 0..EVENTS).await;
        Guarantee::NothingLost.ensure(confirmed.is_ok(), || format!("it is not confirmed: {confirmed:?}"))?;
        // One in the ordered lane, all in the other.
        let begun = arrive(PATIENCE, 1 + EVENTS as usize, || in_hand.get()).await;
        Guarantee::NothingLost.ensure(begun, || format!("{} have been begun", in_hand.get()))?;
        if crash {
            server.drop_node();
        } else {
            server.close(Duration::from_millis(50)).await;
        }
        let (audit, billing) = (Seen::default(), Seen::default());
        let next = Serving::node("shop").ordered("audit", audit.taking()).crowd("billing", billing.taking());
        let next = transport.serve(next).await;
        for (service, seen) in [("audit", audit), ("billing", billing)] {
            arrive(transport.patience(), EVENTS as usize, || seen.distinct()).await;
            let there: Vec<_> = seen.events().iter().map(|event| (event.emitter, event.number)).collect();
            let wanted = (0..EVENTS).map(|number| (round as u32, number));
            let lost: Numbers = wanted.filter(|event| !there.contains(event)).collect();
            Guarantee::AcknowledgedLate.ensure(lost.is_empty(), || {
                format!("{service} is not given again {lost:?} (crash: {crash})")
            })?;
        }
        next.close(Duration::from_secs(10)).await;
    }
    Ok(())
}

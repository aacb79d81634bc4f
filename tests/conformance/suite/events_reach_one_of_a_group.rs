//! Nodes of one name share their services' events: each event goes to one of them, and to the one that is left when
//! another has gone.

use std::time::Duration;

use crate::harness::{
    Fault, Guarantee, Seen, Serving, Transport, Verdict, arrive, confirm, idle, missing, twice,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] =
    &[(Fault::TellsTheWholeGroup, Guarantee::NothingTwice), (Fault::LosesEvents, Guarantee::NothingLost)];

const EVENTS: u32 = 150;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    // What all instances of a service have seen.
    let (audit, billing) = (Seen::default(), Seen::default());
    let instance = Serving::node("shop").ordered("audit", audit.taking()).crowd("billing", billing.taking());
    let mut instances = Vec::new();
    for _ in 0..3 {
        instances.push(transport.serve(instance.clone()).await);
    }
    let caller = transport.caller().await;
    for emitter in 0..3 {
        let confirmed = confirm(caller.client(), emitter, 0..EVENTS).await;
        Guarantee::NothingLost.ensure(confirmed.is_ok(), || format!("it is not confirmed: {confirmed:?}"))?;
        for (service, seen) in [("audit", &audit), ("billing", &billing)] {
            let wanted = ((emitter + 1) * EVENTS) as usize;
            arrive(transport.patience(), wanted, || seen.distinct()).await;
            for instance in &instances {
                idle(transport.patience(), instance).await;
            }
            let again = twice(&seen.events());
            Guarantee::NothingTwice.ensure(again.is_empty(), || format!("{service} has twice {again:?}"))?;
            let lost = missing(&seen.events(), emitter + 1, EVENTS);
            Guarantee::NothingLost.ensure(lost.is_empty(), || format!("{service} misses {lost:?}"))?;
        }
        if let Some(instance) = instances.pop().filter(|_| emitter < 2) {
            instance.close(Duration::from_secs(10)).await;
        }
    }
    Ok(())
}

//! Where nothing breaks, every event that was confirmed is handled, and every event is confirmed.

use futures::future::try_join_all;

use crate::harness::{Fault, Guarantee, Seen, Serving, Transport, Verdict, arrive, confirm, missing};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::LosesEvents, Guarantee::NothingLost)];

const EMITTERS: u32 = 8;
const EVENTS: u32 = 100;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let (audit, billing) = (Seen::default(), Seen::default());
    let shop = Serving::node("shop").ordered("audit", audit.taking()).crowd("billing", billing.taking());
    let _server = transport.serve(shop).await;
    let caller = transport.caller().await;
    let emitters = (0..EMITTERS).map(|emitter| confirm(caller.client(), emitter, 0..EVENTS));
    let confirmed = try_join_all(emitters).await;
    Guarantee::NothingLost.ensure(confirmed.is_ok(), || format!("it is not confirmed: {confirmed:?}"))?;
    for (service, seen) in [("audit", audit), ("billing", billing)] {
        arrive(transport.patience(), (EMITTERS * EVENTS) as usize, || seen.distinct()).await;
        let lost = missing(&seen.events(), EMITTERS, EVENTS);
        Guarantee::NothingLost.ensure(lost.is_empty(), || format!("{service} misses {lost:?}"))?;
    }
    Ok(())
}

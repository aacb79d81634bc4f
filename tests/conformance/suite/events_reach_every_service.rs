//! Every service that subscribes gets every event, once, on whichever node it is.

use crate::harness::{
    Fault, Feature, Guarantee, Seen, Serving, Transport, Verdict, arrive, emit, idle, missing, twice,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] =
    &[(Fault::LosesEvents, Guarantee::NothingLost), (Fault::RepeatsEvents, Guarantee::NothingTwice)];

const EMITTERS: u32 = 3;
const EVENTS: u32 = 100;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let (audit, billing, elsewhere) = (Seen::default(), Seen::default(), Seen::default());
    let shop = Serving::node("shop").ordered("audit", audit.taking()).crowd("billing", billing.taking());
    let mut servers = vec![transport.serve(shop).await];
    let mut services = vec![("audit", audit), ("billing", billing)];
    if transport.has(Feature::nodes) {
        let warehouse = Serving::node("warehouse").ordered("audit", elsewhere.taking());
        servers.push(transport.serve(warehouse).await);
        services.push(("the other node's audit", elsewhere));
    }
    let caller = transport.caller().await;
    for emitter in 0..EMITTERS {
        emit(caller.client(), emitter, EVENTS);
    }
    for (service, seen) in services {
        arrive(transport.patience(), (EMITTERS * EVENTS) as usize, || seen.distinct()).await;
        let lost = missing(&seen.events(), EMITTERS, EVENTS);
        Guarantee::NothingLost.ensure(lost.is_empty(), || format!("{service} misses {lost:?}"))?;
        for server in &servers {
            idle(transport.patience(), server).await;
        }
        let again = twice(&seen.events());
        Guarantee::NothingTwice.ensure(again.is_empty(), || format!("{service} has twice {again:?}"))?;
    }
    for stats in servers.iter().filter_map(crate::harness::Running::stats) {
        Guarantee::NothingLost
            .ensure(stats.balances(), || format!("the ledger is out of balance: {stats:?}"))?;
    }
    Ok(())
}

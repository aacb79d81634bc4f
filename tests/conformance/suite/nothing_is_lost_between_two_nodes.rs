//! Durable events outlive the nodes that handle them: what comes while none is there, and what one gave back when it
//! closed, is handled by the next.

use std::time::Duration;

use crate::harness::{Fault, Guarantee, Seen, Serving, Transport, Verdict, arrive, confirm, missing, taking};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::ForgetsThePast, Guarantee::NothingLost)];

const EVENTS: u32 = 60;
const ROUNDS: u32 = 4;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let (audit, billing) = (Seen::default(), Seen::default());
    let slowly = |seen: &Seen| {
        let seen = seen.clone();
        taking(move |event| {
            let seen = seen.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(1)).await;
                seen.push(event);
                Ok(())
            }
        })
    };
    let shop = Serving::node("shop").ordered("audit", slowly(&audit)).crowd("billing", slowly(&billing));
    let mut server = transport.serve(shop.clone()).await;
    let caller = transport.caller().await;
    for round in 0..ROUNDS {
        let emit = async |numbers| {
            let confirmed = confirm(caller.client(), round, numbers).await;
            Guarantee::NothingLost.ensure(confirmed.is_ok(), || format!("it is not confirmed: {confirmed:?}"))
        };
        emit(0..EVENTS / 2).await?;
        let some = (round * EVENTS + EVENTS / 10) as usize;
        arrive(transport.patience(), some, || audit.distinct().min(billing.distinct())).await;
        // Cut short in every other round, so that there is something to give back.
        let limit = if round % 2 == 0 { Duration::ZERO } else { Duration::from_secs(10) };
        let report = server.close(limit).await;
        let buried = report.map_or(0, |report| report.stats.total().dead_lettered);
        Guarantee::NothingLost
            .ensure(buried == 0, || format!("{buried} became dead letters at the close"))?;
        emit(EVENTS / 2..EVENTS).await?;
        server = transport.serve(shop.clone()).await;
    }
    for (service, seen) in [("audit", audit), ("billing", billing)] {
        arrive(transport.patience(), (ROUNDS * EVENTS) as usize, || seen.distinct()).await;
        let lost = missing(&seen.events(), ROUNDS, EVENTS);
        Guarantee::NothingLost.ensure(lost.is_empty(), || format!("{service} misses {lost:?}"))?;
    }
    Ok(())
}

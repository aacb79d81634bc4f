//! A node that closes has everything that was emitted on it sent, and everything that it took handled.

use std::time::Duration;

use crate::harness::{
    Fault, Feature, Guarantee, Seen, Serving, Transport, Verdict, arrive, emit, missing, taking,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::IsDeafAfterClose, Guarantee::Drained)];

const EVENTS: u32 = 300;
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let patience = transport.patience();
    let seen = Seen::default();
    let handle = {
        let seen = seen.clone();
        taking(move |event| {
            let seen = seen.clone();
            async move {
                tokio::time::sleep(Duration::from_micros(500)).await;
                seen.push(event);
                Ok(())
            }
        })
    };
    let shop = Serving::node("shop").ordered("audit", handle);
    let server = transport.serve(shop.clone()).await;
    let caller = transport.caller().await;
    emit(caller.client(), 0, EVENTS);
    let report = caller.close(LIMIT).await;
    let drained = report.is_none_or(|report| report.drained && report.stats.total().dead_lettered == 0);
    Guarantee::Drained.ensure(drained, || "the emitter's node has not drained".to_owned())?;
    if !transport.has(Feature::durable) {
        // What is on its way is nobody's; the node answers for what it has.
        let taken = || server.stats().map_or(EVENTS as usize, |stats| stats.total().delivered as usize);
        let came = arrive(patience, EVENTS as usize, taken).await;
        Guarantee::Drained.ensure(came, || format!("{} of {EVENTS} have come", taken()))?;
    }
    let report = server.close(LIMIT).await;
    let drained = report.is_none_or(|report| report.drained && report.stats.total().dead_lettered == 0);
    Guarantee::Drained.ensure(drained, || "the server's node has not drained".to_owned())?;
    if transport.has(Feature::durable) {
        let _next = transport.serve(shop).await;
        arrive(patience, EVENTS as usize, || seen.distinct()).await;
    }
    let lost = missing(&seen.events(), 1, EVENTS);
    Guarantee::Drained.ensure(lost.is_empty(), || format!("nobody has handled {lost:?}"))
}

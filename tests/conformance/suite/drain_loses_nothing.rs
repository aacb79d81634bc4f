//! A node that closes has everything that was emitted on it sent, and everything that it took handled.

use std::time::Duration;

use nestling::ShutdownReport;

use crate::harness::{
    Fault, Feature, Guarantee, Seen, Serving, Transport, Verdict, arrive, emit, missing, taking,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::IsDeafAfterClose, Guarantee::Drained)];

const EVENTS: u32 = 300;
const LIMIT: Duration = Duration::from_secs(120);

/// A node that has drained does not wait for its limit.
const PROMPT: Duration = Duration::from_secs(20);

fn drained(report: Option<ShutdownReport>) -> Verdict {
    // In one process the node is closed already.
    let Some(report) = report else { return Ok(()) };
    let drained = report.drained && report.took < PROMPT && report.stats.total().dead_lettered == 0;
    Guarantee::Drained.ensure(drained, || format!("a node has not drained: {report:?}"))
}

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
    drained(caller.close(LIMIT).await)?;
    if !transport.has(Feature::durable) {
        // What is on its way is nobody's; the node answers for what it has.
        let taken = || server.stats().map_or(EVENTS as usize, |stats| stats.total().delivered as usize);
        let came = arrive(patience, EVENTS as usize, taken).await;
        Guarantee::Drained.ensure(came, || format!("{} of {EVENTS} have come", taken()))?;
    }
    drained(server.close(LIMIT).await)?;
    if transport.has(Feature::durable) {
        let _next = transport.serve(shop).await;
        arrive(patience, EVENTS as usize, || seen.distinct()).await;
    }
    let lost = missing(&seen.events(), 1, EVENTS);
    Guarantee::Drained.ensure(lost.is_empty(), || format!("nobody has handled {lost:?}"))
}

//! When the broker goes, what waits is told, and nothing hangs; when it is back, nodes and callers find it again.

use std::time::{Duration, Instant};

use nestling::prelude::*;

use crate::harness::{
    Double, Fault, Guarantee, Happened, Seen, Serving, Signal, Transport, Verdict, answering, arrive,
    confirm, within,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::IsDeafAfterRestart, Guarantee::GoesOn)];

const EVENTS: u32 = 50;

/// A request with this number is not answered.
const NEVER: u64 = 1_000;

async fn answered(transport: &dyn Transport, client: &Client) -> Verdict {
    let began = Instant::now();
    loop {
        let answer = client.send(Double::of(4)).timeout(Duration::from_millis(500)).await;
        if answer == Ok(8) {
            return Ok(());
        }
        let late = began.elapsed() > transport.patience();
        Guarantee::GoesOn.ensure(!late, || format!("it is still answered by {answer:?}"))?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let patience = transport.patience();
    let doubles = answering(|ask| async move {
        if ask.number == NEVER {
            std::future::pending::<()>().await;
        }
        Ok(ask.number * 2)
    });
    let seen = Seen::default();
    let _server =
        transport.serve(Serving::node("shop").answering(doubles).crowd("audit", seen.taking())).await;
    let caller = transport.caller().await;
    let client = caller.client();
    for (round, signal) in [Signal::Term, Signal::Kill].into_iter().enumerate() {
        answered(transport, client).await?;
        let waits = client.send(Double::of(NEVER)).timeout(Duration::from_secs(3_600));
        let waits = tokio::task::spawn_local(waits.into_future());
        answered(transport, client).await?;
        transport.stop_broker(signal).await;
        let told = within(patience, waits).await;
        let settled = matches!(told, Some(Ok(Err(_))));
        Guarantee::GoesOn.ensure(settled, || format!("a request that waited is told {told:?}"))?;
        let emitted =
            client.emit_confirmed(Happened::new(99, round as u32)).timeout(Duration::from_millis(300));
        let told = within(patience, emitted.into_future()).await;
        Guarantee::GoesOn.ensure(told.is_some(), || "a confirmed event waits for ever".to_owned())?;
        let asked = client.send(Double::of(4)).timeout(Duration::from_millis(300));
        let told = within(patience, asked.into_future()).await;
        Guarantee::GoesOn.ensure(matches!(told, Some(Err(_))), || format!("without a broker: {told:?}"))?;
        transport.start_broker().await;
        answered(transport, client).await?;
        let confirmed = confirm(client, round as u32, 0..EVENTS).await;
        Guarantee::GoesOn.ensure(confirmed.is_ok(), || format!("it is not confirmed: {confirmed:?}"))?;
        let come = || seen.events().iter().filter(|event| event.emitter == round as u32).count();
        let all = arrive(patience, EVENTS as usize, come).await;
        Guarantee::GoesOn.ensure(all, || format!("after the restart {} have come", come()))?;
    }
    Ok(())
}

//! Where a node has closed, another takes its place: what is asked and emitted from then on reaches it, from callers that
//! were there before.

use std::time::{Duration, Instant};

use crate::harness::{
    Double, Fault, Guarantee, Seen, Serving, Transport, Verdict, answering, arrive, emit, within,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::IsDeafAfterClose, Guarantee::GoesOn)];

const EVENTS: u32 = 50;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let patience = transport.patience();
    let seen = Seen::default();
    let doubles = answering(|ask| async move { Ok(ask.number * 2) });
    let shop = Serving::node("shop").answering(doubles).crowd("audit", seen.taking());
    let mut server = transport.serve(shop.clone()).await;
    let caller = transport.caller().await;
    let client = caller.client();
    for round in 0..3 {
        let began = Instant::now();
        loop {
            let asked = client.send(Double::of(round)).timeout(Duration::from_millis(500));
            let answer = asked.await;
            if answer == Ok(round * 2) {
                break;
            }
            let late = began.elapsed() > patience;
            Guarantee::GoesOn
                .ensure(!late, || format!("in round {round} it is still answered by {answer:?}"))?;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        emit(client, round as u32, EVENTS);
        let wanted = (round as usize + 1) * EVENTS as usize;
        let all = arrive(patience, wanted, || seen.distinct()).await;
        Guarantee::GoesOn.ensure(all, || format!("in round {round} {} have come", seen.distinct()))?;
        server.close(Duration::from_secs(10)).await;
        // While nobody is there, a request settles.
        let asked = client.send(Double::of(round)).timeout(Duration::from_secs(3_600));
        let answer = within(patience, asked).await;
        let told = matches!(answer, Some(Err(_)));
        Guarantee::GoesOn.ensure(told, || format!("with nobody there the answer is {answer:?}"))?;
        server = transport.serve(shop.clone()).await;
    }
    Ok(())
}

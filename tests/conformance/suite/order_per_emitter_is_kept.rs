//! A service handles the events of one emitter in the order in which they were emitted.

use crate::harness::{
    Fault, Guarantee, Happened, Seen, Serving, Transport, Verdict, arrive, in_order, random, taking,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::SwapsEvents, Guarantee::OrderKept)];

const EMITTERS: u32 = 5;
const EVENTS: usize = 1_000;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let mut random = random();
    let seen = Seen::default();
    let handle = {
        let seen = seen.clone();
        taking(move |event| {
            let seen = seen.clone();
            async move {
                // An asynchronous handler keeps the order too.
                if event.number % 3 == 0 {
                    tokio::task::yield_now().await;
                }
                seen.push(event);
                Ok(())
            }
        })
    };
    let _server = transport.serve(Serving::node("shop").ordered("audit", handle)).await;
    let caller = transport.caller().await;
    let emitters: Vec<_> = (0..EMITTERS).map(|it| caller.client().correlation(it.to_string())).collect();
    let mut next = [0; EMITTERS as usize];
    for _ in 0..EVENTS {
        let emitter = random.u32(0..EMITTERS);
        let (client, number) = (&emitters[emitter as usize], &mut next[emitter as usize]);
        client.emit(Happened::new(emitter, *number));
        *number += 1;
        if random.u8(..20) == 0 {
            tokio::task::yield_now().await;
        }
    }
    arrive(transport.patience(), EVENTS, || seen.distinct()).await;
    in_order(&seen.events())?;
    Guarantee::NothingLost.ensure(seen.distinct() == EVENTS, || format!("{} have come", seen.distinct()))
}

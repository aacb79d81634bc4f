//! A service that is new sees the durable events that were emitted before it began, in their order.

use crate::harness::{Fault, Guarantee, Seen, Serving, Transport, Verdict, arrive, confirm, emit, numbers};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::ForgetsThePast, Guarantee::PastSeen)];

const OLD: u32 = 150;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let early = Seen::default();
    let _early = transport.serve(Serving::node("shop").ordered("early", early.taking())).await;
    let caller = transport.caller().await;
    for round in 1..=3 {
        let confirmed = confirm(caller.client(), 0, (round - 1) * OLD..round * OLD).await;
        Guarantee::NothingLost.ensure(confirmed.is_ok(), || format!("it is not confirmed: {confirmed:?}"))?;
        let late = Seen::default();
        let node = Serving::node(&format!("office {round}")).ordered("late", late.taking());
        let _late = transport.serve(node).await;
        emit(caller.client(), round, 1);
        let wanted = (round * OLD + round) as usize;
        arrive(transport.patience(), wanted, || late.distinct()).await;
        let old: Vec<_> = late.events().into_iter().filter(|event| event.emitter == 0).collect();
        let all = numbers(&old).into_iter().eq(0..round * OLD);
        Guarantee::PastSeen.ensure(all, || format!("of {} it sees {:?}", round * OLD, numbers(&old)))?;
        let come = late.distinct();
        Guarantee::NothingLost.ensure(come == wanted, || format!("of {wanted} it sees {come}"))?;
    }
    Ok(())
}

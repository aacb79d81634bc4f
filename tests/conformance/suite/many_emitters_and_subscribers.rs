//! Fifty emitters and fifty subscribers at once, five thousand events: every subscriber's service gets each, once.

use futures::future::join_all;

use crate::harness::{
    Fault, Feature, Guarantee, Happened, Seen, Serving, Transport, Verdict, arrive, idle, missing, random,
    twice,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] =
    &[(Fault::LosesEvents, Guarantee::NothingLost), (Fault::RepeatsEvents, Guarantee::NothingTwice)];

const EMITTERS: u32 = 50;
const SUBSCRIBERS: usize = 50;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let mut random = random();
    // A hundred each, and a tenth of that for a twin.
    let count = transport.many() / 100;
    // Where instances share a service's events, there are ten of each of five services.
    let instances = if transport.has(Feature::groups) { 10 } else { 1 };
    let services: Vec<_> = (0..SUBSCRIBERS / instances).map(|_| Seen::default()).collect();
    let shop = services.iter().enumerate().fold(Serving::node("shop"), |shop, (index, seen)| {
        shop.crowd(&format!("subscriber {index}"), seen.taking())
    });
    let mut servers = Vec::new();
    for _ in 0..instances {
        servers.push(transport.serve(shop.clone()).await);
    }
    let caller = transport.caller().await;
    let emitters = (0..EMITTERS).map(|emitter| {
        let (client, mut random) = (caller.client(), random.fork());
        async move {
            for number in 0..count {
                let event = Happened::new(emitter, number);
                if random.bool() {
                    client.emit(event);
                } else if let Err(error) = client.emit_confirmed(event).await {
                    return Err(Guarantee::NothingLost.broken(format!("it is not confirmed: {error}")));
                }
                if random.u8(..4) == 0 {
                    tokio::task::yield_now().await;
                }
            }
            Ok(())
        }
    });
    join_all(emitters).await.into_iter().collect::<Verdict>()?;
    let wanted = (EMITTERS * count) as usize;
    for (index, seen) in services.iter().enumerate() {
        arrive(transport.patience(), wanted, || seen.distinct()).await;
        let lost = missing(&seen.events(), EMITTERS, count);
        Guarantee::NothingLost.ensure(lost.is_empty(), || format!("subscriber {index} misses {lost:?}"))?;
    }
    for server in &servers {
        idle(transport.patience(), server).await;
    }
    for (index, seen) in services.iter().enumerate() {
        let again = twice(&seen.events());
        Guarantee::NothingTwice
            .ensure(again.is_empty(), || format!("subscriber {index} has twice {again:?}"))?;
    }
    Ok(())
}

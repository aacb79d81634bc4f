//! Headers and ids come as they went: with requests, with events, with each attempt, at every service; and what a handler
//! emits names its cause.

use std::cell::RefCell;
use std::rc::Rc;

use nestling::TRACEPARENT;
use nestling::prelude::*;

use crate::harness::{
    Double, Fault, Guarantee, Happened, Noted, Seen, Serving, Transport, Verdict, answering, arrive, taking,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[
    (Fault::LosesHeaders, Guarantee::HeadersKept),
    (Fault::LosesCorrelation, Guarantee::CorrelationKept),
    (Fault::LosesCausation, Guarantee::CausationKept),
    (Fault::ChangesIds, Guarantee::IdKept),
];

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const CORRELATION: &str = "order 17/é";

fn same<T: PartialEq + std::fmt::Debug>(guarantee: Guarantee, expected: &T, there: &T) -> Verdict {
    guarantee.ensure(expected == there, || format!("{expected:?} comes as {there:?}"))
}

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let headers: Headers = [("tenant", "acmé & sons"), ("X-Shop-Version", "7"), (TRACEPARENT, TRACE)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let asks = Rc::new(RefCell::new(Vec::new()));
    let (relayed, seen) = (Seen::default(), Seen::default());
    let relay = {
        let relayed = relayed.clone();
        taking(move |event| {
            let relayed = relayed.clone();
            async move {
                if event.beside.route != "suite.happened" {
                    return Ok(());
                }
                relayed.push(event.clone());
                if event.attempt == 1 {
                    return Err(EventError::msg("not yet"));
                }
                event.client.emit(Noted { emitter: event.emitter, number: event.number + 1_000 });
                Ok(())
            }
        })
    };
    let doubles = {
        let asks = Rc::clone(&asks);
        answering(move |ask| {
            let number = ask.number;
            asks.borrow_mut().push(ask);
            async move { Ok(number * 2) }
        })
    };
    let shop = Serving::node("shop").answering(doubles).mixed("relay", relay).mixed("audit", seen.taking());
    let _server = transport.serve(shop).await;
    let caller = transport.caller().await;
    let client = headers
        .iter()
        .fold(caller.client().correlation(CORRELATION), |client, (name, value)| client.header(name, value));

    let answer = client.send(Double::of(4)).timeout(transport.patience()).await;
    Guarantee::Answered.ensure(answer == Ok(8), || format!("{answer:?}"))?;
    for ask in asks.take() {
        same(Guarantee::HeadersKept, &headers, &ask.headers)?;
        same(Guarantee::CorrelationKept, &CORRELATION, &&*ask.correlation)?;
    }

    for number in 0..3 {
        client.emit(Happened::new(0, number));
    }
    let all = arrive(transport.patience(), 6, || seen.distinct()).await;
    Guarantee::NothingLost.ensure(all, || format!("{:?}", seen.events()))?;
    let (relayed, seen) = (relayed.events(), seen.events());
    for event in relayed.iter().chain(&seen) {
        same(Guarantee::CorrelationKept, &CORRELATION, &&*event.beside.correlation)?;
        if event.number >= 1_000 {
            let cause =
                relayed.iter().find(|it| it.number + 1_000 == event.number).map(|it| it.beside.id.clone());
            same(Guarantee::CausationKept, &cause, &event.beside.causation)?;
            continue;
        }
        same(Guarantee::HeadersKept, &headers, &event.beside.headers)?;
        same(Guarantee::CausationKept, &None, &event.beside.causation)?;
        // At the other service, and at each attempt.
        for other in relayed.iter().chain(&seen).filter(|it| it.number == event.number) {
            same(Guarantee::IdKept, &event.beside.id, &other.beside.id)?;
        }
    }
    let mut ids: Vec<_> = seen.iter().map(|event| &event.beside.id).collect();
    ids.sort();
    ids.dedup();
    Guarantee::IdKept.ensure(ids.len() == 6, || format!("of 6 events the ids are {ids:?}"))
}

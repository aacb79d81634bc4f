//! Each request runs once and gets its own response, many at once and one after another.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures::future::join_all;

use crate::harness::{Double, Fault, Guarantee, Serving, Transport, Verdict, answering};

pub(crate) const TWINS: &[(Fault, Guarantee)] =
    &[(Fault::CrossesAnswers, Guarantee::Answered), (Fault::RunsTwice, Guarantee::RunOnce)];

/// How many are sent at once, and how many after them.
const AT_ONCE: u64 = 300;
const IN_TURN: u64 = 30;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let runs = Rc::new(RefCell::new(BTreeMap::<u64, u32>::new()));
    let server = {
        let runs = Rc::clone(&runs);
        let doubles = answering(move |ask| {
            *runs.borrow_mut().entry(ask.number).or_default() += 1;
            async move {
                tokio::task::yield_now().await;
                Ok(ask.number * 2)
            }
        });
        transport.serve(Serving::node("maths").answering(doubles)).await
    };
    let caller = transport.caller().await;
    let ask = async |number: u64| {
        let answer = caller.client().send(Double::of(number)).timeout(transport.patience()).await;
        Guarantee::Answered.ensure(answer == Ok(number * 2), || format!("{number} is answered by {answer:?}"))
    };
    join_all((0..AT_ONCE).map(&ask)).await.into_iter().collect::<Verdict>()?;
    for number in AT_ONCE..AT_ONCE + IN_TURN {
        ask(number).await?;
    }
    let runs = runs.borrow();
    let other: Vec<_> = runs.iter().filter(|(_, runs)| **runs != 1).collect();
    let all = runs.len() as u64 == AT_ONCE + IN_TURN && other.is_empty();
    drop(server);
    Guarantee::RunOnce.ensure(all, || format!("{} were run, of which not once: {other:?}", runs.len()))
}

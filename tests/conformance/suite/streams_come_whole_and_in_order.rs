//! A stream's items come once each and in their order, then its end, or the service's error; several at once do not mix.

use std::rc::Rc;

use futures::future::join_all;
use futures::{StreamExt, stream};
use nestling::prelude::*;

use crate::harness::{CountUp, Fault, Guarantee, Odd, Serving, Transport, Verdict, within};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[
    (Fault::LosesItems, Guarantee::ItemsWhole),
    (Fault::SwapsItems, Guarantee::ItemsWhole),
    (Fault::HidesStreamErrors, Guarantee::StreamErrorKept),
];

/// A stream of odd length ends in an error.
fn end(to: u64) -> Option<Odd> {
    (to % 2 == 1).then(|| Odd { number: to, why: "it cannot be halved".to_owned() })
}

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let counts = Serving::node("maths").counting(Rc::new(|count: CountUp| {
        stream::iter((0..count.to).map(Ok)).chain(stream::iter(end(count.to).map(Err))).boxed_local()
    }));
    let _server = transport.serve(counts).await;
    let caller = transport.caller().await;
    let read = async |to: u64| {
        let items = caller.client().stream(CountUp { to }).collect::<Vec<_>>();
        let mut items = within(transport.patience(), items).await.unwrap_or_default();
        if let Some(error) = end(to) {
            let last = items.pop();
            Guarantee::StreamErrorKept.ensure(last == Some(Err(RequestError::Handler(error))), || {
                format!("the last is {last:?}")
            })?;
        }
        let expected: Vec<_> = (0..to).map(Ok).collect();
        let place = items.iter().zip(&expected).position(|(there, expected)| there != expected);
        Guarantee::ItemsWhole.ensure(items == expected, || {
            format!("of {to} items come {}, and first another at {place:?}", items.len())
        })
    };
    for to in [0, 1_000, 1, 33] {
        read(to).await?;
    }
    join_all([200, 150, 201, 0, 1, 100].map(read)).await.into_iter().collect()
}

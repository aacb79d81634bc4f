//! A request waits as long as it says and no longer, and a response that comes too late is nobody else's.

use std::rc::Rc;
use std::time::{Duration, Instant};

use nestling::prelude::*;
use tokio::sync::Notify;

use crate::harness::{Double, Fault, Guarantee, Serving, Transport, Verdict, answering, within};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::IgnoresTimeouts, Guarantee::TimeoutKept)];

/// Requests with this number and above are answered late.
const SLOW: u64 = 1_000;

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let late = Rc::new(Notify::new());
    let doubles = {
        let late = Rc::clone(&late);
        answering(move |ask| {
            let late = Rc::clone(&late);
            async move {
                if ask.number >= SLOW {
                    late.notified().await;
                }
                Ok(ask.number * 2)
            }
        })
    };
    let _server = transport.serve(Serving::node("maths").answering(doubles)).await;
    let caller = transport.caller().await;
    for (round, timeout) in [50, 300, 120].map(Duration::from_millis).into_iter().enumerate() {
        let number = round as u64;
        let began = Instant::now();
        let asked = caller.client().send(Double::of(SLOW + number)).timeout(caller.timeout(timeout));
        let answer = within(transport.patience(), asked).await;
        let took = began.elapsed();
        let told = matches!(answer, Some(Err(RequestError::Timeout { .. })));
        Guarantee::TimeoutKept
            .ensure(told, || format!("{answer:?} after {took:?} instead of {timeout:?}"))?;
        // The clock that is looked at may tick a little before.
        let early = took + Duration::from_millis(20) < timeout;
        Guarantee::TimeoutKept.ensure(!early, || format!("it ends after {took:?} instead of {timeout:?}"))?;
        late.notify_waiters();
        let answer = caller.client().send(Double::of(number)).await;
        Guarantee::Answered.ensure(answer == Ok(number * 2), || format!("{number} gets {answer:?}"))?;
    }
    Ok(())
}

//! A message that nobody handles is refused at once, and disturbs no other.

use std::time::{Duration, Instant};

use nestling::prelude::*;

use crate::harness::{Double, Fault, Guarantee, Nobody, Serving, Transport, Verdict, answering, within};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::SwallowsMessages, Guarantee::NoHandlerTold)];

/// What is still "at once" on a busy machine; a request waits for much longer.
const AT_ONCE: Duration = Duration::from_secs(5);

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let doubles = answering(|ask| async move { Ok(ask.number * 2) });
    let _server = transport.serve(Serving::node("maths").answering(doubles)).await;
    let caller = transport.caller().await;
    for number in 0..5 {
        let began = Instant::now();
        let asked = caller.client().send(Nobody { number }).timeout(Duration::from_secs(60));
        let answer = within(transport.patience(), asked).await;
        let told = matches!(answer, Some(Err(RequestError::NoHandler { .. })));
        Guarantee::NoHandlerTold.ensure(told, || format!("the sender is told {answer:?}"))?;
        let took = began.elapsed();
        Guarantee::NoHandlerTold.ensure(took < AT_ONCE, || format!("the sender is told after {took:?}"))?;
        let answer = caller.client().send(Double::of(number)).await;
        Guarantee::Answered.ensure(answer == Ok(number * 2), || format!("{answer:?}"))?;
    }
    Ok(())
}

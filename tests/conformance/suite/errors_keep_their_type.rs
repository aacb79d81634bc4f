//! An error of the service's own comes back to the sender as it is.

use nestling::prelude::*;

use crate::harness::{Double, Fault, Guarantee, Odd, Serving, Transport, Verdict, answering};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::ChangesErrors, Guarantee::ErrorKept)];

const WHY: &str = "it is \"ödd\",\n\\ by one \u{1f980}";

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let doubles = answering(|ask| async move {
        let number = ask.number;
        if number % 2 == 0 { Ok(number * 2) } else { Err(Odd { number, why: WHY.to_owned() }) }
    });
    let _server = transport.serve(Serving::node("maths").answering(doubles)).await;
    let caller = transport.caller().await;
    for number in 0..20 {
        let answer = caller.client().send(Double::of(number)).timeout(transport.patience()).await;
        let expected = match number % 2 {
            0 => Ok(number * 2),
            _ => Err(RequestError::Handler(Odd { number, why: WHY.to_owned() })),
        };
        Guarantee::ErrorKept.ensure(answer == expected, || format!("{expected:?} comes as {answer:?}"))?;
    }
    Ok(())
}

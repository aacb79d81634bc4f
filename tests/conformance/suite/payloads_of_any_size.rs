//! Payloads come as they went, the empty and the large alike, whatever is in them.

use std::cell::RefCell;
use std::rc::Rc;

use crate::harness::{
    Double, Fault, Guarantee, Happened, Nothing, Seen, Serving, Transport, Verdict, answering, arrive,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] =
    &[(Fault::CutsPayloads, Guarantee::PayloadKept), (Fault::FillsPayloads, Guarantee::PayloadKept)];

fn payloads() -> Vec<String> {
    let strange = "\u{0}\u{1f}\"\\/\u{7f}\u{2028}ünïcödé \u{1f980}\r\n{\"a\":[1,2.50]}";
    vec![
        String::new(),
        " ".to_owned(),
        strange.to_owned(),
        "x".repeat(64 * 1024 - 1),
        strange.repeat(1_000),
        "é".repeat(300 * 1024),
        "y".repeat(900 * 1024),
    ]
}

/// A text by its length and its ends, for a failure's message.
fn brief(text: &str) -> String {
    let begin: String = text.chars().take(20).collect();
    format!("{} bytes that begin with {begin:?}", text.len())
}

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let payloads = payloads();
    let asked = Rc::new(RefCell::new(Vec::new()));
    let doubles = {
        let asked = Rc::clone(&asked);
        answering(move |ask| {
            let length = ask.text.len() as u64;
            asked.borrow_mut().push(ask.text);
            async move { Ok(length) }
        })
    };
    let seen = Seen::default();
    let _server =
        transport.serve(Serving::node("shop").answering(doubles).mixed("audit", seen.taking())).await;
    let caller = transport.caller().await;
    for (number, text) in payloads.iter().enumerate() {
        caller.client().emit(Happened { text: text.clone(), ..Happened::new(0, number as u32) });
        let ask = Double { number: 0, text: text.clone() };
        let answer = caller.client().send(ask).timeout(transport.patience()).await;
        Guarantee::Answered.ensure(answer.is_ok(), || format!("{} gets {answer:?}", brief(text)))?;
        let there = asked.borrow_mut().pop().unwrap_or_default();
        Guarantee::PayloadKept
            .ensure(there == *text, || format!("{} comes as {}", brief(text), brief(&there)))?;
    }
    caller.client().emit(Nothing);
    let all = arrive(transport.patience(), payloads.len() + 1, || seen.distinct()).await;
    Guarantee::NothingLost.ensure(all, || format!("{} have come", seen.distinct()))?;
    for event in seen.events() {
        let text = payloads.get(event.number as usize).filter(|_| event.emitter == 0);
        let text = text.map_or("", String::as_str);
        Guarantee::PayloadKept
            .ensure(event.text == text, || format!("{} comes as {}", brief(text), brief(&event.text)))?;
    }
    Ok(())
}

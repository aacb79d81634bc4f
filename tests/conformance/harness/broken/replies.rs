//! What a fault does to requests on their way to a service, and to their responses.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::future::pending;
use futures::stream::LocalBoxStream;
use futures::{FutureExt, StreamExt, future};

use super::deliveries::counter;
use super::{Fault, Switches};
use crate::harness::handling::{Answering, Counting};
use crate::harness::patterns::Odd;

type Items = LocalBoxStream<'static, Result<u64, Odd>>;

pub(super) fn answering(fault: Fault, switches: &Rc<Switches>, answering: Answering) -> Answering {
    let switches = Rc::clone(switches);
    let last = Rc::new(Cell::new(None));
    Rc::new(move |mut ask| {
        if switches.deaf.get() {
            switches.strike();
            return pending().boxed_local();
        }
        match fault {
            Fault::LosesHeaders => ask.headers.clear(),
            Fault::LosesCorrelation => ask.correlation.clear(),
            Fault::CutsPayloads => ask.text = ask.text.chars().take(1_000).collect(),
            Fault::RunsTwice => drop(answering(ask.clone()).now_or_never()),
            Fault::CrossesAnswers | Fault::ChangesErrors => {}
            _ => return answering(ask),
        }
        switches.strike();
        let answer = answering(ask);
        match fault {
            Fault::CrossesAnswers => {
                let last = Rc::clone(&last);
                answer.map(move |answer| answer.map(|it| last.replace(Some(it)).unwrap_or(it))).boxed_local()
            }
            Fault::ChangesErrors => answer
                .map(|answer| answer.map_err(|odd| Odd { why: "unknown".to_owned(), ..odd }))
                .boxed_local(),
            _ => answer,
        }
    })
}

pub(super) fn counting(fault: Fault, switches: &Rc<Switches>, counting: Counting) -> Counting {
    let switches = Rc::clone(switches);
    let kept = RefCell::new(Vec::new());
    Rc::new(move |count| {
        let items = counting(count);
        switches.strike();
        match fault {
            Fault::LosesItems => {
                let count = counter();
                items.filter(move |_| future::ready(count() % 7 != 6)).boxed_local()
            }
            Fault::SwapsItems => swapped(items),
            Fault::HidesStreamErrors => items.filter(|item| future::ready(item.is_ok())).boxed_local(),
            Fault::KeepsStreams => {
                let items = Rc::new(RefCell::new(items));
                kept.borrow_mut().push(Rc::clone(&items));
                futures::stream::poll_fn(move |cx| items.borrow_mut().poll_next_unpin(cx)).boxed_local()
            }
            _ => items,
        }
    })
}

/// Every tenth item and the next have changed places.
fn swapped(items: Items) -> Items {
    let chunks = items.chunks(10).flat_map(|mut chunk| {
        if let [first, second, ..] = &mut chunk[..] {
            std::mem::swap(first, second);
        }
        futures::stream::iter(chunk)
    });
    chunks.boxed_local()
}

//! What a fault does to the events on their way to a service.

use std::cell::{Cell, RefCell};
use std::future::ready;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use nestling::prelude::*;

use super::{FORGOTTEN, Fault, Switches};
use crate::harness::handling::{Event, Taking};

type Handled = LocalBoxFuture<'static, Result<(), EventError>>;

/// An event that never reaches its service.
fn lost(switches: &Switches) -> Handled {
    switches.strike();
    done()
}

fn done() -> Handled {
    ready(Ok(())).boxed_local()
}

/// Counts from 0 on.
pub(super) fn counter() -> impl Fn() -> u32 {
    let count = Cell::new(0);
    move || count.replace(count.get() + 1)
}

pub(super) fn wrap(fault: Fault, switches: &Rc<Switches>, group: String, taking: Taking) -> Taking {
    let switches = Rc::clone(switches);
    let count = counter();
    match fault {
        Fault::LosesEvents => {
            Rc::new(move |event| if count() % 7 == 6 { lost(&switches) } else { taking(event) })
        }
        Fault::RepeatsEvents => Rc::new(move |event| {
            let again = (count() % 7 == 6).then(|| {
                switches.strike();
                event.clone()
            });
            one_after_another(&taking, [Some(event), again])
        }),
        Fault::SwapsEvents => swapping(taking, switches),
        Fault::TellsTheWholeGroup => Rc::new(move |event| {
            switches.strike();
            let takings = switches.groups.borrow().clone();
            let takings = takings.into_iter().filter(|(name, _)| *name == group).map(|(_, taking)| taking);
            let handled: Vec<_> = takings.map(|taking| taking(event.clone())).collect();
            futures::future::try_join_all(handled).map(|all| all.map(|_| ())).boxed_local()
        }),
        Fault::AcknowledgesEarly => Rc::new(move |event| {
            tokio::task::spawn_local(taking(event));
            switches.strike();
            done()
        }),
        Fault::SwallowsFailures => Rc::new(move |event| {
            let switches = Rc::clone(&switches);
            let swallow = move |handled: Result<(), EventError>| {
                if handled.is_err() {
                    switches.strike();
                }
                Ok(())
            };
            taking(event).map(swallow).boxed_local()
        }),
        Fault::RetriesBehind => retrying_behind(taking, switches),
        Fault::ForgetsThePast if switches.nodes.get() > 1 => {
            Rc::new(move |event| if count() < FORGOTTEN { lost(&switches) } else { taking(event) })
        }
        Fault::IsDeafAfterClose | Fault::IsDeafAfterRestart => {
            Rc::new(move |event| if switches.deaf.get() { lost(&switches) } else { taking(event) })
        }
        Fault::ForgetsAtRestart => Rc::new(move |event| match switches.forgets.get() {
            0 => taking(event),
            left => {
                switches.forgets.set(left - 1);
                lost(&switches)
            }
        }),
        _ => changing(fault, taking, switches),
    }
}

/// Faults that change an event.
fn changing(fault: Fault, taking: Taking, switches: Rc<Switches>) -> Taking {
    Rc::new(move |mut event| {
        match fault {
            Fault::LosesHeaders => event.beside.headers.clear(),
            Fault::LosesCorrelation => event.beside.correlation = Id::new().to_string(),
            Fault::LosesCausation => event.beside.causation = None,
            Fault::ChangesIds => event.beside.id = Id::new().to_string(),
            Fault::CutsPayloads => event.text = event.text.chars().take(1_000).collect(),
            Fault::FillsPayloads if event.text.is_empty() => event.text = "null".to_owned(),
            _ => return taking(event),
        }
        switches.strike();
        taking(event)
    })
}

/// The result is that of the first.
fn one_after_another(taking: &Taking, events: [Option<Event>; 2]) -> Handled {
    let taking = Rc::clone(taking);
    async move {
        let mut outcome = Ok(());
        for (index, event) in events.into_iter().flatten().enumerate() {
            let handled = taking(event).await;
            if index == 0 {
                outcome = handled;
            }
        }
        outcome
    }
    .boxed_local()
}

fn swapping(taking: Taking, switches: Rc<Switches>) -> Taking {
    let count = counter();
    let held = RefCell::new(None);
    Rc::new(move |event| {
        if count() % 10 == 3 {
            held.replace(Some(event));
            switches.strike();
            return done();
        }
        one_after_another(&taking, [Some(event), held.take()])
    })
}

fn retrying_behind(taking: Taking, switches: Rc<Switches>) -> Taking {
    let failed = Rc::new(RefCell::new(Vec::<Event>::new()));
    Rc::new(move |event| {
        let (taking, failed, switches) = (Rc::clone(&taking), Rc::clone(&failed), Rc::clone(&switches));
        async move {
            let before = failed.take();
            for event in [event].into_iter().chain(before) {
                if taking(event.clone()).await.is_err() {
                    switches.strike();
                    failed.borrow_mut().push(Event { attempt: event.attempt + 1, ..event });
                }
            }
            Ok(())
        }
        .boxed_local()
    })
}

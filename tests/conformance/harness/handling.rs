//! What the services do with what comes: closures, so that a broken transport can stand between them and it.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use futures::stream::LocalBoxStream;
use nestling::prelude::*;

use super::patterns::{CountUp, Odd};

/// An event, as a service sees it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) emitter: u32,
    pub(crate) number: u32,
    pub(crate) text: String,
    pub(crate) attempt: u32,
    pub(crate) beside: Beside,
    /// The client in the handler's context.
    pub(crate) client: Client,
}

/// What comes beside an event's payload; nothing for those who take many, since it costs more than the event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    pub(crate) route: String,
    pub(crate) id: String,
    pub(crate) correlation: String,
    pub(crate) causation: Option<String>,
    pub(crate) headers: Headers,
}

/// A request, as a service sees it.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) number: u64,
    pub(crate) text: String,
    pub(crate) correlation: String,
    pub(crate) headers: Headers,
}

/// Handles events.
pub(crate) type Taking = Rc<dyn Fn(Event) -> LocalBoxFuture<'static, Result<(), EventError>>>;

/// Answers requests.
pub(crate) type Answering = Rc<dyn Fn(Ask) -> LocalBoxFuture<'static, Result<u64, Odd>>>;

/// Answers with streams.
pub(crate) type Counting = Rc<dyn Fn(CountUp) -> LocalBoxStream<'static, Result<u64, Odd>>>;

/// What has been seen, in its order.
#[derive(Clone, Default)]
pub(crate) struct Seen(Rc<RefCell<Record>>);

#[derive(Default)]
struct Record {
    events: Vec<Event>,
    distinct: HashSet<(u32, u32)>,
}

impl Seen {
    pub(crate) fn push(&self, event: Event) {
        let mut record = self.0.borrow_mut();
        record.distinct.insert((event.emitter, event.number));
        record.events.push(event);
    }

    /// How many different events have been seen.
    pub(crate) fn distinct(&self) -> usize {
        self.0.borrow().distinct.len()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.borrow().events.clone()
    }

    /// Writes every event down, and has handled it.
    pub(crate) fn taking(&self) -> Taking {
        let seen = self.clone();
        taking(move |event| {
            let seen = seen.clone();
            async move {
                seen.push(event);
                Ok(())
            }
        })
    }
}

/// Handles events so.
pub(crate) fn taking<F>(handle: impl Fn(Event) -> F + 'static) -> Taking
where
    F: Future<Output = Result<(), EventError>> + 'static,
{
    Rc::new(move |event| handle(event).boxed_local())
}

/// Answers requests so.
pub(crate) fn answering<F>(answer: impl Fn(Ask) -> F + 'static) -> Answering
where
    F: Future<Output = Result<u64, Odd>> + 'static,
{
    Rc::new(move |ask| answer(ask).boxed_local())
}

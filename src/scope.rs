//! What the current thread has in hand: the node whose service is being polled, and the message or event whose
//! handler runs. It is how a sender inherits correlation, and how `ctx.client()` finds its node.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use tracing::Span;

use crate::event::SharedEvent;
use crate::metadata::Metadata;

/// What a supervisor leaves here for `ctx.client()`, without looking into it.
pub(crate) type NodeContext = Arc<dyn Any + Send + Sync>;

/// What surrounds a service while it is polled.
pub(crate) struct Surroundings {
    pub(crate) node: NodeContext,
    /// What the supervisor leaves here for deliveries.
    pub(crate) lender: Arc<dyn Any + Send + Sync>,
    /// The span of a response that is in hand while actix polls it.
    pub(crate) entered: Option<Span>,
}

/// What a handler is working on.
pub(crate) enum Hand {
    Event(SharedEvent),
    Request(Arc<dyn HasMetadata>),
}

/// A request, as far as its correlation is concerned.
pub(crate) trait HasMetadata: Send + Sync {
    fn metadata(&self) -> &Metadata;
}

impl Hand {
    fn metadata(&self) -> &Metadata {
        match self {
            Self::Event(event) => event.metadata(),
            Self::Request(request) => request.metadata(),
        }
    }
}

/// One thread's. Supervisors and drivers, which stay on their thread, keep it at hand: that is cheaper than to look it
/// up for every item.
#[derive(Default)]
pub(crate) struct Scope {
    surroundings: RefCell<Option<Box<Surroundings>>>,
    hand: RefCell<Option<Hand>>,
}

thread_local! {
    static SCOPE: Rc<Scope> = Rc::default();
}

/// The current thread's scope.
pub(crate) fn current() -> Rc<Scope> {
    SCOPE.with(Rc::clone)
}

impl Scope {
    /// Puts `surroundings` in place while `run` runs; afterwards what was there before is back, also after a panic.
    #[inline(always)]
    pub(crate) fn surrounded<R>(
        &self,
        surroundings: &mut Option<Box<Surroundings>>,
        run: impl FnOnce() -> R,
    ) -> R {
        struct Restore<'a>(&'a Scope, &'a mut Option<Box<Surroundings>>);
        impl Drop for Restore<'_> {
            #[inline]
            fn drop(&mut self) {
                std::mem::swap(&mut *self.0.surroundings.borrow_mut(), self.1);
            }
        }
        std::mem::swap(&mut *self.surroundings.borrow_mut(), surroundings);
        let _restore = Restore(self, surroundings);
        run()
    }

    /// Puts `hand` in place and returns what was there.
    #[inline(always)]
    pub(crate) fn swap_hand(&self, hand: Option<Hand>) -> Option<Hand> {
        // Not `RefCell::replace`, which is not always inlined.
        std::mem::replace(&mut self.hand.borrow_mut(), hand)
    }

    /// Puts `hand` in place, and enters `span`, until [`leave`](Self::leave): for what somebody else polls.
    #[cold]
    pub(crate) fn enter(&self, hand: Hand, span: Option<Span>) {
        let span = span.unwrap_or_else(Span::none);
        // Not by its guard, which would have to stay on this thread's stack.
        span.with_subscriber(|(id, dispatch)| dispatch.enter(id));
        if let Some(around) = &mut *self.surroundings.borrow_mut() {
            around.entered = Some(span);
        }
        self.swap_hand(Some(hand));
    }

    /// Ends what [`enter`](Self::enter) has begun, if it has.
    #[cold]
    pub(crate) fn leave(&self) {
        let entered = self.surroundings.borrow_mut().as_mut().and_then(|around| around.entered.take());
        if let Some(span) = entered {
            span.with_subscriber(|(id, dispatch)| dispatch.exit(id));
            self.swap_hand(None);
        }
    }

    /// Whether what is in hand is just being read, so that nothing can be put in its place.
    pub(crate) fn is_read(&self) -> bool {
        self.hand.try_borrow_mut().is_err()
    }

    /// Reads what the supervisor of the service that is being polled has left for its deliveries, if there is one.
    #[inline]
    pub(crate) fn with_lender(&self, read: impl FnOnce(&(dyn Any + Send + Sync))) {
        if let Some(around) = &*self.surroundings.borrow() {
            read(&*around.lender);
        }
    }

    /// Reads the event in hand.
    #[inline]
    pub(crate) fn event_in_hand<R>(&self, read: impl FnOnce(Option<&SharedEvent>) -> R) -> R {
        match &*self.hand.borrow() {
            Some(Hand::Event(event)) => read(Some(event)),
            _ => read(None),
        }
    }
}

/// Reads the node whose service is being polled on this thread.
pub(crate) fn node<R>(read: impl FnOnce(Option<&NodeContext>) -> R) -> R {
    SCOPE.with(|scope| read(scope.surroundings.borrow().as_ref().map(|around| &around.node)))
}

/// What the supervisor of the service that is being polled on this thread has left for its deliveries.
#[cfg(feature = "sqlite")]
pub(crate) fn lender() -> Option<Arc<dyn Any + Send + Sync>> {
    SCOPE.with(|scope| scope.surroundings.borrow().as_ref().map(|around| Arc::clone(&around.lender)))
}

/// Whether nothing is in hand on this thread.
#[inline]
pub(crate) fn is_idle() -> bool {
    SCOPE.with(|scope| scope.hand.borrow().is_none())
}

/// Reads the metadata of what is in hand: whatever is sent now inherits its correlation, and is caused by it.
#[inline]
pub(crate) fn in_hand<R>(read: impl FnOnce(Option<&Metadata>) -> R) -> R {
    SCOPE.with(|scope| read(scope.hand.borrow().as_ref().map(Hand::metadata)))
}

//! What the current thread has in hand: the node whose service is being polled, and the message or event whose
//! handler runs. It is how a sender inherits correlation, and how `ctx.client()` finds its node.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

use crate::event::SharedEvent;
use crate::metadata::{Id, Metadata};

/// What a supervisor leaves here for `ctx.client()`, without looking into it.
pub(crate) type NodeContext = Arc<dyn Any + Send + Sync>;

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

thread_local! {
    static NODE: RefCell<Option<NodeContext>> = const { RefCell::new(None) };
    static HAND: RefCell<Option<Hand>> = const { RefCell::new(None) };
}

/// Puts `node` in place while `run` runs; afterwards what was there before is back, also after a panic.
#[inline]
pub(crate) fn with_node<R>(node: &mut Option<NodeContext>, run: impl FnOnce() -> R) -> R {
    struct Restore<'a>(&'a mut Option<NodeContext>);
    impl Drop for Restore<'_> {
        fn drop(&mut self) {
            *self.0 = NODE.replace(self.0.take());
        }
    }
    *node = NODE.replace(node.take());
    let _restore = Restore(node);
    run()
}

/// Reads the node whose service is being polled on this thread.
pub(crate) fn node<R>(read: impl FnOnce(Option<&NodeContext>) -> R) -> R {
    NODE.with_borrow(|node| read(node.as_ref()))
}

/// Puts `hand` in place and returns what was there.
#[inline]
pub(crate) fn swap_hand(hand: Option<Hand>) -> Option<Hand> {
    HAND.replace(hand)
}

/// Reads the event in hand.
#[inline]
pub(crate) fn event_in_hand<R>(read: impl FnOnce(Option<&SharedEvent>) -> R) -> R {
    HAND.with_borrow(|hand| match hand {
        Some(Hand::Event(event)) => read(Some(event)),
        _ => read(None),
    })
}

/// The correlation and causation ids that whatever is sent now inherits.
#[inline]
pub(crate) fn lineage() -> Option<(Id, Id)> {
    HAND.with_borrow(|hand| {
        let metadata = hand.as_ref()?.metadata();
        Some((metadata.correlation_id().clone(), metadata.id().clone()))
    })
}

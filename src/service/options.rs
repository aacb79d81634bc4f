//! What can be said of the pattern declared last.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use actix::{Actor, Context};

use super::Patterns;
use super::declared::OwnLane;
use crate::supervisor::Retry;

/// What can be said of a message or stream pattern; derefs to [`Patterns`], so that declarations can be chained.
#[derive(Debug)]
pub struct MessageOptions<'a, A: Actor<Context = Context<A>>> {
    patterns: &'a mut Patterns<A>,
}

impl<'a, A: Actor<Context = Context<A>>> MessageOptions<'a, A> {
    pub(super) fn new(patterns: &'a mut Patterns<A>) -> Self {
        Self { patterns }
    }

    /// How long the handler may take. An asynchronous one is cut off then and its sender told
    /// [`Timeout`](crate::RequestError::Timeout); a synchronous one cannot be cut off. A stream must come to its end
    /// within it. Without a limit by default: the sender has its own. What comes by `Addr::send` does not pass through the
    /// inbox, and has no limit but its sender's.
    pub fn timeout(self, timeout: Duration) -> Self {
        if let Some(message) = self.patterns.messages.last_mut() {
            message.rule.timeout = Some(timeout);
        }
        self
    }
}

/// What can be said of a subscription; derefs to [`Patterns`], so that declarations can be chained.
#[derive(Debug)]
pub struct EventOptions<'a, A: Actor<Context = Context<A>>> {
    patterns: &'a mut Patterns<A>,
}

impl<'a, A: Actor<Context = Context<A>>> EventOptions<'a, A> {
    pub(super) fn new(patterns: &'a mut Patterns<A>) -> Self {
        Self { patterns }
    }

    /// When a failed attempt is made again; [`Retry::none`] by default.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.last(|event| event.rule.retry = retry);
        self
    }

    /// How long an attempt may take before it is cut off and counts as failed; without a limit by default. A
    /// synchronous handler cannot be cut off: its late success counts, with a warning.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.last(|event| event.rule.timeout = Some(timeout));
        self
    }

    /// Gives the subscription a lane of its own: ordered in itself, but no longer with the service's other events.
    pub fn lane(mut self) -> Self {
        self.last(|event| {
            event.lane.get_or_insert_default();
        });
        self
    }

    /// Gives the subscription a lane of its own in which up to `n` events are handled at once, without order
    /// where `n` is more than 1.
    pub fn concurrency(mut self, n: u32) -> Self {
        self.last(|event| event.lane.get_or_insert_default().concurrency = n.max(1));
        self
    }

    /// How many events the subscription's own lane holds; implies [`lane`](Self::lane).
    pub fn lane_capacity(mut self, events: usize) -> Self {
        self.last(|event| event.lane.get_or_insert_default().bound = Some(events.max(1)));
        self
    }

    /// Gives every instance of the service each event that comes from a broker: a cache that is to be told of all
    /// changes, say. By default the instances, services of one name in nodes of one name, share the events, and one of
    /// them gets each. Without a broker it makes no difference.
    pub fn every_instance(mut self) -> Self {
        self.last(|event| event.every_instance = true);
        self
    }

    fn last(&mut self, change: impl FnOnce(&mut super::declared::EventDeclaration<A>)) {
        if let Some(event) = self.patterns.events.last_mut() {
            change(event);
        }
    }
}

impl Default for OwnLane {
    fn default() -> Self {
        Self { concurrency: 1, bound: None }
    }
}

macro_rules! deref_to_patterns {
    ($($name:ident),+) => {
        $(
            impl<A: Actor<Context = Context<A>>> Deref for $name<'_, A> {
                type Target = Patterns<A>;

                fn deref(&self) -> &Patterns<A> {
                    self.patterns
                }
            }

            impl<A: Actor<Context = Context<A>>> DerefMut for $name<'_, A> {
                fn deref_mut(&mut self) -> &mut Patterns<A> {
                    self.patterns
                }
            }
        )+
    };
}

deref_to_patterns!(MessageOptions, EventOptions);

//! What a service declares: its name, its patterns, how it retries and restarts.

mod declared;
mod input;
mod options;

use std::any::TypeId;
use std::time::Duration;

use actix::{Actor, Context, Handler, Supervised};

pub(crate) use declared::{Declared, DeclaredEvent, DeclaredMessage};
use declared::{EventDeclaration, MessageDeclaration};
pub use input::{EventInput, MessageInput, StreamInput};
pub use options::{EventOptions, MessageOptions};

use crate::dead_letter::Reason;
use crate::erased;
use crate::event::AnyEvent;
use crate::pattern::{Pattern, Route};
use crate::registry::{Interest, Wildcard};
use crate::routes::routes_of;
use crate::supervisor::{Backoff, EventRule, RequestRule, RestartOn, RestartPolicy, Retry, any_event};

/// How many events a lane holds, and how many requests a service, unless it says otherwise.
pub(crate) const DEFAULT_BOUND: usize = 10_000;

/// An actix actor that declares the patterns that it handles. An existing actor becomes a service by this impl
/// and `impl Supervised`; nothing about the actor changes.
///
/// ```
/// use nestling::prelude::*;
///
/// #[derive(Debug, Serialize, Deserialize, MessagePattern)]
/// #[message_pattern(cmd = "double", response = u64, error = TooLarge)]
/// struct Double { n: u64 }
///
/// #[derive(Debug, Serialize, Deserialize, thiserror::Error)]
/// #[error("too large to double")]
/// struct TooLarge;
///
/// struct Maths;
/// impl Actor for Maths { type Context = Context<Self>; }
/// impl Supervised for Maths {}
/// impl Service for Maths {
///     const NAME: &'static str = "maths";
///     fn patterns(patterns: &mut Patterns<Self>) {
///         patterns.message::<Double>();
///     }
/// }
/// impl Handler<Double> for Maths {
///     type Result = Result<u64, TooLarge>;
///     fn handle(&mut self, message: Double, _: &mut Context<Self>) -> Self::Result {
///         message.n.checked_mul(2).ok_or(TooLarge)
///     }
/// }
/// ```
///
/// # Restarts
///
/// After a failure the supervisor calls `Supervised::restarting` and `Actor::started`, and the address, the mailbox and
/// the inbox stay as they were. A service that is registered with a factory gets a fresh instance first; only after
/// a panic that came out of actix's own machinery (a handler reached by `Addr::send`, a spawned future, `started`) is
/// `restarting` called on the failed instance too, just before it is replaced: actix gives no other way to it.
/// What the actor had spawned in its context is cancelled: `started` sets intervals again.
pub trait Service: Actor<Context = Context<Self>> + Supervised {
    /// The service's name: in logs, records and errors. One name, one service in a node.
    const NAME: &'static str;

    /// Lists what the service handles.
    fn patterns(patterns: &mut Patterns<Self>);
}

/// What a service handles, and how it is restarted. Filled in [`Service::patterns`].
#[must_use = "patterns are declared on it"]
pub struct Patterns<A: Actor<Context = Context<A>>> {
    pub(crate) messages: Vec<MessageDeclaration<A>>,
    pub(crate) events: Vec<EventDeclaration<A>>,
    pub(crate) restart: RestartPolicy,
    pub(crate) lane_bound: usize,
    pub(crate) request_bound: usize,
    /// How many events of the service's ordered lane are handled at once. More than one is for who begins them in
    /// order and has nothing to lose by ending them in another.
    pub(crate) concurrency: u32,
    /// Why an event that finds its lane full is a dead letter.
    pub(crate) overflow: Reason,
    /// What is wrong with the declarations so far.
    pub(crate) problems: Vec<String>,
}

impl<A: Actor<Context = Context<A>>> Patterns<A> {
    pub(crate) fn new() -> Self {
        Self {
            messages: Vec::new(),
            events: Vec::new(),
            restart: RestartPolicy::default(),
            lane_bound: DEFAULT_BOUND,
            request_bound: DEFAULT_BOUND,
            concurrency: 1,
            overflow: Reason::InboxFull,
            problems: Vec::new(),
        }
    }

    /// Answers a message pattern: `M`, or [`Delivery<M>`](crate::Delivery) to see its metadata.
    pub fn message<M>(&mut self) -> MessageOptions<'_, A>
    where
        A: Handler<M>,
        <A as Handler<M>>::Result: 'static,
        M: MessageInput,
    {
        let routes = self.routes::<M::Pattern>();
        self.messages.push(MessageDeclaration {
            message: TypeId::of::<M::Pattern>(),
            routes,
            rule: RequestRule { handler: M::handler::<A>().0, timeout: None },
            erase: erased::message::<M::Pattern>,
            internal: M::Pattern::INTERNAL,
        });
        MessageOptions::new(self)
    }

    /// Answers a stream pattern: `S`, or [`Delivery<S>`](crate::Delivery) to see its metadata. The handler returns a
    /// [`ResponseStream`](crate::ResponseStream).
    pub fn stream<S>(&mut self) -> MessageOptions<'_, A>
    where
        A: Handler<S>,
        <A as Handler<S>>::Result: 'static,
        S: StreamInput,
    {
        let routes = self.routes::<S::Pattern>();
        self.messages.push(MessageDeclaration {
            message: TypeId::of::<S::Pattern>(),
            routes,
            rule: RequestRule { handler: S::handler::<A>().0, timeout: None },
            erase: erased::stream::<S::Pattern>,
            internal: S::Pattern::INTERNAL,
        });
        MessageOptions::new(self)
    }

    /// Subscribes to an event pattern: `E`, of which the handler gets a clone, or
    /// [`Delivery<E>`](crate::Delivery) to share it and see its metadata.
    pub fn event<E>(&mut self) -> EventOptions<'_, A>
    where
        A: Handler<E>,
        <A as Handler<E>>::Result: 'static,
        E: EventInput,
    {
        let routes = self.routes::<E::Pattern>();
        let pattern = routes.first().map_or_else(String::new, ToString::to_string);
        let interests = routes.into_iter().map(Interest::Route).collect();
        let rule = EventRule { handler: E::handler::<A>().0, retry: Retry::none(), timeout: None };
        self.subscribe(pattern, interests, rule, E::Pattern::INTERNAL)
    }

    /// Subscribes to every event whose route matches: `*` stands for one token, `>` for one or more at the end, as in
    /// NATS. Routes that begin with `$` match no leading wildcard.
    pub fn matching(&mut self, pattern: &str) -> EventOptions<'_, A>
    where
        A: Handler<AnyEvent>,
        <A as Handler<AnyEvent>>::Result: 'static,
    {
        let interests = match Wildcard::parse(pattern) {
            Ok(wildcard) => vec![Interest::Matching(wildcard)],
            Err(problem) => {
                self.problems.push(problem);
                Vec::new()
            }
        };
        self.any_of(pattern.to_owned(), interests)
    }

    /// Subscribes to events whatever their types are.
    pub(crate) fn any_of(&mut self, pattern: String, interests: Vec<Interest>) -> EventOptions<'_, A>
    where
        A: Handler<AnyEvent>,
        <A as Handler<AnyEvent>>::Result: 'static,
    {
        let rule = EventRule { handler: any_event::<A>, retry: Retry::none(), timeout: None };
        self.subscribe(pattern, interests, rule, false)
    }

    fn subscribe(
        &mut self,
        pattern: String,
        interests: Vec<Interest>,
        rule: EventRule<A>,
        internal: bool,
    ) -> EventOptions<'_, A> {
        self.events.push(EventDeclaration {
            pattern,
            interests,
            rule,
            lane: None,
            internal,
            every_instance: false,
        });
        EventOptions::new(self)
    }

    fn routes<P: Pattern>(&mut self) -> Vec<Route> {
        let (routes, problems) = routes_of::<P>();
        self.problems.extend(problems);
        routes
    }

    /// Which failures restart the service; [`RestartOn::Failure`] by default.
    pub fn restart_on(&mut self, on: RestartOn) -> &mut Self {
        self.restart.on = on;
        self
    }

    /// How long the service waits before a restart when failures come without a success between them.
    pub fn restart_backoff(&mut self, backoff: Backoff) -> &mut Self {
        self.restart.backoff = backoff;
        self
    }

    /// Gives the service up when it is restarted more than `n` times `within` a time; without a limit by default.
    /// Restarts after a handler that returned an error do not count. A service that has been given up answers
    /// [`Unavailable`](crate::RequestError::Unavailable), and its events become dead letters.
    pub fn max_restarts(&mut self, n: u32, within: Duration) -> &mut Self {
        self.restart.max = Some((n, within));
        self
    }

    /// How many events the service's ordered lane holds; 10,000 by default. An event that finds it full is a
    /// dead letter.
    pub fn capacity(&mut self, events: usize) -> &mut Self {
        self.lane_bound = events.max(1);
        self
    }

    /// How many requests may wait; 10,000 by default. A request beyond is
    /// [`Overloaded`](crate::RequestError::Overloaded).
    pub fn request_capacity(&mut self, requests: usize) -> &mut Self {
        self.request_bound = requests.max(1);
        self
    }
}

impl<A: Actor<Context = Context<A>>> std::fmt::Debug for Patterns<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let messages: Vec<_> = self.messages.iter().flat_map(|message| &message.routes).collect();
        let events: Vec<_> = self.events.iter().map(|event| &event.pattern).collect();
        f.debug_struct("Patterns")
            .field("messages", &messages)
            .field("events", &events)
            .finish_non_exhaustive()
    }
}

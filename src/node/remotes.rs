//! The message patterns that remote peers answer, and the events that are sent on to them.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use actix::{Actor, Context, Handler, ResponseFuture, Supervised};

use super::registered::{Place, Prepared, Registered, prepared};
use crate::dead_letter::{Reason, Sink};
use crate::error::{EventError, Unreachable};
use crate::event::AnyEvent;
use crate::pattern::{EventPattern, MessageKind, Pattern, Route, StreamKind};
use crate::peer::{EventPeer, Peer};
use crate::registry::Interest;
use crate::routes::{RouteTable, routes_of};
use crate::service::{Declared, Patterns};
use crate::supervisor::{Deadlines, RestartOn};

/// How many events a forwarder hands to its peer before it waits for the first to be written.
const IN_FLIGHT: u32 = 256;

/// Message and stream patterns that a peer can answer: one, or a tuple of them.
///
/// ```
/// # use nestling::prelude::*;
/// # #[derive(Debug, Serialize, Deserialize, MessagePattern)]
/// # #[message_pattern(cmd = "check", response = u32, error = RpcError)]
/// # struct CheckInventory;
/// # #[derive(Debug, Serialize, Deserialize, MessagePattern)]
/// # #[message_pattern(cmd = "reserve", response = u32, error = RpcError)]
/// # struct ReserveInventory;
/// # #[cfg(feature = "tcp")] {
/// let inventory = nestling::TcpClient::connect("127.0.0.1:4001");
/// let builder = Node::builder("shop").remote::<(CheckInventory, ReserveInventory)>(&inventory);
/// # }
/// ```
pub trait RemotePatterns {
    #[doc(hidden)]
    fn add_to(list: &mut RemoteList);
}

/// Routes, and what is wrong with them.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct RemoteList {
    routes: Vec<Route>,
    problems: Vec<String>,
}

/// A kind of pattern that a peer can answer.
#[diagnostic::on_unimplemented(
    message = "events are not answered: send them on with `forward`",
    label = "no message or stream pattern"
)]
pub trait RemoteKind {}

impl RemoteKind for MessageKind {}
impl RemoteKind for StreamKind {}

impl<P: Pattern> RemotePatterns for P
where
    P::Kind: RemoteKind,
{
    fn add_to(list: &mut RemoteList) {
        let (routes, problems) = routes_of::<P>();
        // The first is the one that is sent; whoever has the same type sends that too.
        list.routes.extend(routes.into_iter().take(1));
        list.problems.extend(problems);
        if P::INTERNAL {
            list.problems.push(format!(
                "`{}` is internal: it cannot be answered by another process",
                std::any::type_name::<P>()
            ));
        }
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: RemotePatterns),+> RemotePatterns for ($($name,)+) {
            fn add_to(list: &mut RemoteList) {
                $($name::add_to(list);)+
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);

/// What a peer answers.
pub(super) struct Remote {
    list: RemoteList,
    peer: Arc<dyn Peer>,
}

impl Remote {
    pub(super) fn new<P: RemotePatterns>(peer: Arc<dyn Peer>) -> Self {
        let mut list = RemoteList::default();
        P::add_to(&mut list);
        Self { list, peer }
    }
}

/// Adds what peers answer; returns what is wrong with it. A service of the node wins unless `prefer_remote`.
pub(super) fn add(routes: &mut RouteTable, remotes: Vec<Remote>, prefer_remote: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let mut claims: HashMap<Route, String> = HashMap::new();
    for Remote { list, peer } in remotes {
        problems.extend(list.problems);
        for route in list.routes {
            if let Some(other) = claims.insert(route.clone(), peer.name().to_owned()) {
                problems.push(format!(
                    "`{other}` and `{}` are both to answer `{route}`: one peer answers a message",
                    peer.name()
                ));
            }
            if prefer_remote || routes.by_route(route.as_str()).is_none() {
                routes.insert_remote(route, Arc::clone(&peer));
            }
        }
    }
    problems
}

/// Sends events on to a peer: a service like any other, with a ledger, dead letters and replays of its own.
struct Forwarder {
    peer: Arc<dyn EventPeer>,
}

impl Actor for Forwarder {
    type Context = Context<Self>;
}

impl Supervised for Forwarder {}

impl Handler<AnyEvent> for Forwarder {
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        // Handed over before this returns, so that the peer gets events in their order though many are in flight.
        let sent = self.peer.emit_tracked(event.shared());
        let peer = Arc::clone(&self.peer);
        Box::pin(async move {
            let reason = match sent {
                Ok(written) => match written.await {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(reason)) => reason,
                    Err(_) => "the client has been closed".to_owned(),
                },
                Err(reason) => reason,
            };
            Err(Unreachable { peer: peer.name().to_owned(), reason }.into())
        })
    }
}

/// The events that are sent on to one peer.
pub(super) struct Forward {
    /// The forwarder's, as a service.
    name: String,
    peer: Arc<dyn EventPeer>,
    /// Each pattern with its routes.
    events: Vec<Vec<Route>>,
    problems: Vec<String>,
}

impl Forward {
    /// Adds a pattern to those of its peer, so that one forwarder keeps the order of all.
    pub(super) fn add<E: EventPattern>(forwards: &mut Vec<Self>, peer: Arc<dyn EventPeer>) {
        let index = forwards.iter().position(|forward| Arc::ptr_eq(&forward.peer, &peer));
        let index = index.unwrap_or_else(|| {
            let mut name = format!("forward to {}", peer.name());
            let namesakes = forwards.iter().filter(|forward| forward.peer.name() == peer.name()).count();
            if namesakes > 0 {
                name = format!("{name} ({})", namesakes + 1);
            }
            forwards.push(Self { name, peer, events: Vec::new(), problems: Vec::new() });
            forwards.len() - 1
        });
        let forward = &mut forwards[index];
        let (routes, problems) = routes_of::<E>();
        forward.events.push(routes);
        forward.problems.extend(problems);
        if E::INTERNAL {
            forward.problems.push(format!(
                "`{}` is internal: it cannot be sent on to another process",
                std::any::type_name::<E>()
            ));
        }
    }
}

impl Registered for Forward {
    fn prepare(self: Box<Self>, sink: &Sink, deadlines: &Arc<Deadlines>) -> Prepared {
        let Self { name, peer, events, problems } = *self;
        let mut patterns = Patterns::<Forwarder>::new();
        // What cannot be sent says nothing about the forwarder.
        patterns.restart_on(RestartOn::Panic);
        patterns.concurrency = IN_FLIGHT;
        patterns.overflow = Reason::Unreachable;
        for routes in events {
            let pattern = routes.first().map_or_else(String::new, ToString::to_string);
            patterns.any_of(pattern, routes.into_iter().map(Interest::Route).collect());
        }
        let mut declared = Declared::new(&name, patterns);
        declared.problems.extend(problems);
        prepared(TypeId::of::<Forwarder>(), declared, Place::Value(Forwarder { peer }), sink, deadlines)
    }
}

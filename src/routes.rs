//! Who answers which route, typed and erased: a service of this node, or a remote peer.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::erased::Erase;
use crate::pattern::{Pattern, Route, route_of_json};
use crate::peer::Peer;
use crate::supervisor::Inbox;

/// Where a message pattern's requests go in this node.
pub(crate) struct Destination {
    /// Its place in the table.
    pub(crate) id: usize,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) handler: u32,
    pub(crate) erase: Erase,
    /// It is served to no transport.
    pub(crate) internal: bool,
}

/// The message patterns of a node.
#[derive(Default)]
pub(crate) struct RouteTable {
    destinations: Vec<Destination>,
    by_type: HashMap<TypeId, usize, TypeIdHash>,
    by_route: HashMap<Route, usize>,
    /// Those that remote peers answer for this node.
    remote: HashMap<Route, Arc<dyn Peer>>,
    /// The one that answers all that nobody here does.
    fallback: Option<Arc<dyn Peer>>,
    /// It answers also what somebody here does.
    prefer_fallback: bool,
}

impl RouteTable {
    /// The place of the next destination.
    pub(crate) fn next_id(&self) -> usize {
        self.destinations.len()
    }

    pub(crate) fn insert(&mut self, message: TypeId, routes: Vec<Route>, destination: Destination) {
        let id = destination.id;
        self.by_route.extend(routes.into_iter().map(|route| (route, id)));
        self.by_type.insert(message, id);
        self.destinations.push(destination);
    }

    /// The destination in that place.
    #[inline]
    pub(crate) fn destination(&self, id: usize) -> &Destination {
        &self.destinations[id]
    }

    /// Sends the requests of a route to a peer, also if a service of the node handles it.
    pub(crate) fn insert_remote(&mut self, route: Route, peer: Arc<dyn Peer>) {
        self.remote.insert(route, peer);
    }

    /// Who handles `M` in its own type.
    #[inline]
    pub(crate) fn typed<M: Pattern>(&self) -> Option<&Destination> {
        self.by_type.get(&TypeId::of::<M>()).map(|id| self.destination(*id))
    }

    /// Who handles a route, in whatever type.
    pub(crate) fn by_route(&self, route: &str) -> Option<&Destination> {
        self.by_route.get(route).map(|id| self.destination(*id))
    }

    /// Who handles a route for a transport: what is internal, nobody does.
    pub(crate) fn served(&self, route: &str) -> Option<(&Route, &Destination)> {
        let (route, id) = self.by_route.get_key_value(route)?;
        let destination = self.destination(*id);
        (!destination.internal).then_some((route, destination))
    }

    /// What transports serve, with who handles it.
    pub(crate) fn all_served(&self) -> impl Iterator<Item = (&Route, &Destination)> {
        let all = self.by_route.iter().map(|(route, id)| (route, self.destination(*id)));
        all.filter(|(_, destination)| !destination.internal)
    }

    /// Sends what nobody here handles to a peer; with `prefer` also what somebody does.
    pub(crate) fn set_fallback(&mut self, peer: Arc<dyn Peer>, prefer: bool) {
        self.fallback = Some(peer);
        self.prefer_fallback = prefer;
    }

    /// The peer that answers a route for this node, whoever else could; `internal` where its type says so.
    #[inline]
    pub(crate) fn remote(&self, route: &Route, internal: bool) -> Option<&Arc<dyn Peer>> {
        if self.remote.is_empty() && !self.prefer_fallback {
            return None;
        }
        self.remote_of(route, internal)
    }

    fn remote_of(&self, route: &Route, internal: bool) -> Option<&Arc<dyn Peer>> {
        self.remote.get(route).or_else(|| {
            let is_internal = || self.by_route(route.as_str()).is_some_and(|here| here.internal);
            self.fallback.as_ref().filter(|_| self.prefer_fallback && !internal && !is_internal())
        })
    }

    /// The peer that answers a route if nobody here does.
    pub(crate) fn fallback(&self, route: &Route, internal: bool) -> Option<&Arc<dyn Peer>> {
        let peer = self.fallback.as_ref().filter(|_| !internal)?;
        self.by_route(route.as_str()).is_none().then_some(peer)
    }
}

/// A `TypeId` is a hash already.
#[derive(Default)]
pub(crate) struct TypeIdHasher(u64);

type TypeIdHash = BuildHasherDefault<TypeIdHasher>;

impl Hasher for TypeIdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_ne_bytes(word);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 ^= value;
    }
}

/// The routes of a pattern type, the one it is sent on and then its aliases; and what is wrong with each of its
/// patterns that is none. The derives make no such pattern; impls by hand may.
pub(crate) fn routes_of<P: Pattern>() -> (Vec<Route>, Vec<String>) {
    let (mut routes, mut problems) = (Vec::new(), Vec::new());
    for text in P::PATTERNS {
        match route_of_json(text, P::INTERNAL) {
            Ok(route) => routes.push(route),
            Err(problem) => problems.push(format!("`{}`: {problem}", type_name::<P>())),
        }
    }
    if P::PATTERNS.is_empty() {
        problems.push(format!("`{}` has no pattern", type_name::<P>()));
    }
    (routes, problems)
}

/// The route that `P` is sent on.
#[inline]
pub(crate) fn route_of<P: Pattern>() -> Route {
    match P::known_route() {
        Some(known) => Route::known(known.get_or_init(read_route::<P>)),
        None => read_route::<P>(),
    }
}

fn read_route<P: Pattern>() -> Route {
    let (routes, problems) = routes_of::<P>();
    // No node starts with a service that lists it, so nobody hears of it but the log.
    for problem in problems {
        tracing::error!(problem, "a pattern is not valid");
    }
    routes.into_iter().next().unwrap_or_else(|| Route::from(type_name::<P>()))
}

//! Which service answers which route, typed and erased.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use serde_json::Value;

use crate::decode::from_value;
use crate::metadata::Metadata;
use crate::pattern::{MessagePattern, Pattern, Route, route_of_json};
use crate::scope::HasMetadata;
use crate::supervisor::{AnyCall, Call, Inbox, Pending, Refusal};

/// A request whose payload and response are JSON.
pub(crate) type JsonResult = Result<Value, Value>;

/// Makes a typed request from JSON.
pub(crate) type FromJson = fn(Metadata, Value) -> Result<Arc<dyn Pending<JsonResult>>, Refusal>;

/// Where a message pattern's requests go.
pub(crate) struct Destination {
    /// Its place in the table.
    pub(crate) id: usize,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) handler: u32,
    pub(crate) from_json: FromJson,
}

/// The message patterns of a node.
#[derive(Default)]
pub(crate) struct RouteTable {
    destinations: Vec<Destination>,
    by_type: HashMap<TypeId, usize, TypeIdHash>,
    by_route: HashMap<Route, usize>,
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

    /// Who handles `M` in its own type.
    pub(crate) fn typed<M: MessagePattern>(&self) -> Option<&Destination> {
        self.by_type.get(&TypeId::of::<M>()).map(|id| self.destination(*id))
    }

    /// Who handles a route, in whatever type.
    pub(crate) fn by_route(&self, route: &Route) -> Option<&Destination> {
        self.by_route.get(route).map(|id| self.destination(*id))
    }
}

/// Makes a request for `M` from JSON, as it comes from outside the process.
pub(crate) fn from_json<M>(
    metadata: Metadata,
    payload: Value,
) -> Result<Arc<dyn Pending<JsonResult>>, Refusal>
where
    M: MessagePattern,
    M::Result: Send,
{
    let message: M = from_value(payload)
        .map_err(|error| Refusal::Decode { message: format!("the payload does not fit: {error}") })?;
    message.validate().map_err(|message| Refusal::Invalid { message })?;
    Ok(Arc::new(JsonCall(Call::new(metadata, message))))
}

/// A typed request whose sender wants JSON.
struct JsonCall<M: MessagePattern>(Call<M>);

impl<M: MessagePattern> HasMetadata for JsonCall<M> {
    fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }
}

impl<M: MessagePattern> AnyCall for JsonCall<M>
where
    M::Result: Send,
{
    fn refuse(&self, refusal: Refusal) {
        self.0.refuse(refusal);
    }

    fn is_settled(&self) -> bool {
        self.0.is_settled()
    }

    fn set_runner(&self, runner: &Waker) {
        self.0.set_runner(runner);
    }

    fn as_any(&self) -> &dyn Any {
        &self.0
    }
}

impl<M: MessagePattern> Pending<JsonResult> for JsonCall<M>
where
    M::Result: Send,
{
    fn poll_reply(&self, cx: &mut Context<'_>) -> Poll<Result<JsonResult, Refusal>> {
        self.0.poll_reply(cx).map(|reply| {
            let json = match reply? {
                Ok(response) => serde_json::to_value(response).map(Ok),
                Err(error) => serde_json::to_value(error).map(Err),
            };
            json.map_err(|error| Refusal::Decode {
                message: format!("the response cannot be serialised: {error}"),
            })
        })
    }

    fn abandon(&self) {
        self.0.abandon();
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

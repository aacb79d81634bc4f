//! How a node starts.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc;
use futures::future::LocalBoxFuture;

use super::Node;
#[cfg(feature = "nats")]
use super::broker;
use super::builder::NodeBuilder;
use super::error::StartError;
use super::events::announce;
#[cfg(feature = "tcp")]
use super::listeners;
use super::registered::{Launching, Prepared, Registered};
use super::remotes;
use super::replay::Replayer;
use super::services::Services;
use super::shutdown::STOP;
use crate::client::{Client, Core, Parts};
use crate::dead_letter;
use crate::handled::Handled;
use crate::panics;
use crate::pattern::Route;
use crate::registry::{Counters, Interest, Registry, Subscribe};
use crate::routes::{Destination, RouteTable};
use crate::scope::NodeContext;
use crate::service::DeclaredEvent;
use crate::supervisor::{Annex, Deadlines, Inbox, Lifecycle, Target, Watchdog};

pub(super) async fn start(builder: NodeBuilder) -> Result<Node, StartError> {
    panics::install_hook();
    let name = builder.name;
    // There is no way to ask tokio whether local tasks can be spawned here, but to try.
    if panics::probe(|| actix_rt::spawn(async {})).is_none() {
        return Err(StartError::NoLocalSet { node: name });
    }
    if panics::probe(|| drop(tokio::time::sleep(Duration::ZERO))).is_none() {
        return Err(StartError::NoTimers { node: name });
    }
    #[cfg(feature = "nats")]
    let version = builder.version.clone();
    let options = dead_letter::Options {
        node: name.clone(),
        version: builder.version,
        max_waiting: builder.waiting_letters,
    };
    let (sink, dead_letters) = dead_letter::start(builder.store, options)
        .map_err(|error| StartError::DeadLetters { node: name.clone(), reason: error.to_string() })?;
    let deadlines = Deadlines::new();
    let forwards = builder.forwards.into_iter().map(|forward| Box::new(forward) as Box<dyn Registered>);
    let mut prepared: Vec<_> = builder
        .services
        .into_iter()
        .chain(forwards)
        .map(|service| service.prepare(&sink, &deadlines))
        .collect();
    let mut problems = problems(&prepared);
    let mut routes = route_table(&prepared);
    problems.extend(remotes::add(&mut routes, builder.remotes, builder.prefer_remote));
    #[cfg(feature = "nats")]
    match &builder.nats {
        Some(_) => problems.extend(broker::problems(&routes, &prepared, &builder.streams)),
        None => problems.extend(broker::unconnected(&builder.streams)),
    }
    if !problems.is_empty() {
        // Waits until the store is let go of, so that the next node can have it.
        dead_letters.close(STOP).await;
        return Err(StartError::Patterns { node: name, problems });
    }
    #[cfg(feature = "tcp")]
    let bound = match listeners::bind(&name, builder.listeners) {
        Ok(bound) => bound,
        Err(error) => {
            dead_letters.close(STOP).await;
            return Err(error);
        }
    };

    let name: Arc<str> = Arc::from(name);
    let handled = match Handled::start(&name, builder.handled) {
        Ok(handled) => handled,
        Err(error) => {
            dead_letters.close(STOP).await;
            return Err(StartError::Handled { node: name.to_string(), reason: error.to_string() });
        }
    };
    let outlet = None;
    #[cfg(feature = "nats")]
    let (broker, outlet) = match &builder.nats {
        None => (None, outlet),
        Some(nats) => {
            let with =
                broker::With { streams: builder.streams, dead_letters: &dead_letters, handled: &handled };
            match broker::connect(&name, nats, &sink, with).await {
                Ok(broker) => {
                    routes.set_fallback(broker.peer(builder.request_timeout), builder.prefer_remote);
                    let outlet = broker.outlet();
                    (Some(broker), Some(outlet))
                }
                Err(error) => {
                    dead_letters.close(STOP).await;
                    handled.close(STOP).await;
                    return Err(error);
                }
            }
        }
    };

    let counters = Arc::new(Counters::default());
    let registry = Registry::start(Arc::clone(&counters), sink.clone(), builder.bury_unsubscribed);
    let core = Core::new(Parts {
        name: Arc::clone(&name),
        routes,
        registry,
        counters,
        sink: sink.clone(),
        handled,
        request_timeout: builder.request_timeout,
        emit_timeout: builder.emit_timeout,
        outlet,
    });
    let services = Arc::new(Services::default());
    let replayer = Arc::new(Replayer { core: Arc::downgrade(&core), services: Arc::clone(&services) });
    dead_letters.connect(replayer.clone(), replayer);
    let (spawner, spawned) = mpsc::unbounded();
    // It ends with its senders, of which the node has the only one.
    actix_rt::spawn(spawn_all(spawned));
    let tasks = vec![actix_rt::spawn(Arc::clone(&deadlines).run())];
    let mut node = Node {
        lifecycle: lifecycle(&core),
        watchdog: Watchdog::start(&name, builder.block_limit, Arc::clone(&deadlines)),
        core,
        services,
        addresses: HashMap::new(),
        dead_letters,
        sink,
        deadlines,
        shutdown_limit: builder.shutdown_limit,
        spawner,
        annex: Annex::open(),
        #[cfg(feature = "tcp")]
        servers: Vec::new(),
        #[cfg(feature = "nats")]
        broker,
        tasks,
        ended: false,
    };
    // All before the first runs: what one emits in `started` reaches the others too.
    for service in &mut prepared {
        node.core.add_internal(std::mem::take(&mut service.internal));
        enlist(&node, &service.inbox, std::mem::take(&mut service.events), false);
    }
    let mut waiting = prepared.into_iter();
    while let Some(Prepared { service, inbox, launch, .. }) = waiting.next() {
        match launch(node.launching()).await {
            Ok(address) => {
                node.addresses.entry(service).or_insert(address);
            }
            Err(error) => {
                // Nobody runs these, so nobody else says that they have ended.
                for inbox in std::iter::once(inbox).chain(waiting.map(|service| service.inbox)) {
                    inbox.close(dead_letter::Reason::Shutdown);
                    inbox.ended();
                }
                node.shutdown(Duration::ZERO).await;
                return Err(error);
            }
        }
    }
    #[cfg(feature = "nats")]
    {
        let served = match broker::feed(&node).await {
            Ok(()) => broker::serve(&mut node, &version).await,
            Err(error) => Err(error),
        };
        if let Err(error) = served {
            node.shutdown(Duration::ZERO).await;
            return Err(error);
        }
    }
    #[cfg(feature = "tcp")]
    if let Err(error) = listeners::start(&mut node, bound) {
        node.shutdown(Duration::ZERO).await;
        return Err(error);
    }
    node.log_promises();
    Ok(node)
}

/// Makes a service known to the registry, the watchdog and the node.
pub(super) fn enlist(node: &Node, inbox: &Arc<Inbox>, events: Vec<DeclaredEvent>, at_run_time: bool) {
    for (index, DeclaredEvent { interests, .. }) in events.iter().enumerate() {
        let subscription = u32::try_from(index).unwrap_or(u32::MAX);
        let target = Target::new(inbox, subscription);
        if interests.iter().any(Interest::is_reserved) {
            node.core.counters.own_wanted.store(true, Ordering::Release);
        }
        node.core.registry.do_send(Subscribe { interests: interests.clone(), target });
    }
    #[cfg(feature = "nats")]
    node.subscribe_at_broker(inbox, &events, at_run_time);
    node.watchdog.watch(inbox);
    node.services.add(Arc::clone(inbox), events, at_run_time);
}

impl Node {
    pub(super) fn launching(&self) -> Launching {
        let node: NodeContext = Arc::clone(&self.core) as NodeContext;
        let handled = self.core.handled.clone();
        Launching {
            client: self.client(),
            lifecycle: Arc::clone(&self.lifecycle),
            node,
            handled,
            annex: Rc::clone(&self.annex),
        }
    }
}

fn lifecycle(core: &Arc<Core>) -> Lifecycle {
    let client = Client::new(Arc::clone(core));
    let counters = Arc::clone(&core.counters);
    Arc::new(move |service, change| {
        if counters.own_wanted.load(Ordering::Acquire) {
            announce(&client, service, change);
        }
    })
}

/// Spawns whatever comes, on the node's own local task set.
async fn spawn_all(mut spawned: mpsc::UnboundedReceiver<LocalBoxFuture<'static, ()>>) {
    while let Some(future) = spawned.next().await {
        actix_rt::spawn(future);
    }
}

/// Everything that is wrong with what the services declare.
fn problems(services: &[Prepared]) -> Vec<String> {
    let mut problems: Vec<String> = Vec::new();
    let mut names: HashSet<&str> = HashSet::new();
    let mut seen: HashSet<(TypeId, &str)> = HashSet::new();
    let mut claims: HashMap<&Route, (usize, &str)> = HashMap::new();
    for (index, service) in services.iter().enumerate() {
        if !names.insert(&service.name) {
            problems.push(format!(
                "two services are named `{}`: give one another name with `service_named`",
                service.name
            ));
        }
        if !seen.insert((service.service, &service.name)) {
            continue; // named already, and its patterns are the same
        }
        problems.extend(service.problems.iter().cloned());
        for route in service.messages.iter().flat_map(|message| &message.routes) {
            match claims.insert(route, (index, &service.name)) {
                Some((owner, other)) if owner != index => problems.push(format!(
                    "services `{other}` and `{}` both claim message pattern `{route}`: one handler answers a message",
                    service.name
                )),
                _ => {}
            }
        }
    }
    problems
}

fn route_table(services: &[Prepared]) -> RouteTable {
    let mut routes = RouteTable::default();
    for service in services {
        for (index, message) in service.messages.iter().enumerate() {
            let destination = Destination {
                id: routes.next_id(),
                inbox: Arc::clone(&service.inbox),
                handler: u32::try_from(index).unwrap_or(u32::MAX),
                erase: message.erase,
                internal: message.internal,
            };
            routes.insert(message.message, message.routes.clone(), destination);
        }
    }
    routes
}

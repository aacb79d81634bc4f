//! A service that has been registered, on its way to its thread.

use std::any::{Any, TypeId};
use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, Context, Supervised};
use futures::future::LocalBoxFuture;
use tokio::sync::oneshot;

use super::error::StartError;
use super::placement::Placement;
use crate::client::Client;
use crate::dead_letter::Sink;
use crate::handled::Handled;
use crate::panics::Panic;
use crate::pattern::Route;
use crate::scope::NodeContext;
use crate::service::{Declared, DeclaredEvent, DeclaredMessage, Patterns, Service};
use crate::supervisor::{Annex, Deadlines, Inbox, Job, Lifecycle, Seated, Source};

/// Where a service's instances come from, and where it runs.
pub(super) enum Place<S> {
    Value(S),
    Here(Box<dyn Fn(Client) -> S>),
    Elsewhere(Placement, Box<dyn Fn(Client) -> S + Send>),
}

pub(super) struct Registration<S> {
    pub(super) name: String,
    pub(super) place: Place<S>,
}

/// A registered service of any type.
pub(super) trait Registered {
    fn prepare(self: Box<Self>, sink: &Sink, deadlines: &Arc<Deadlines>) -> Prepared;
}

/// A service with its inbox, ready to be launched.
pub(super) struct Prepared {
    pub(super) service: TypeId,
    pub(super) name: Arc<str>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) messages: Vec<DeclaredMessage>,
    pub(super) events: Vec<DeclaredEvent>,
    pub(super) internal: Vec<Route>,
    pub(super) problems: Vec<String>,
    pub(super) launch: Launch,
}

/// Runs the service and returns its address.
pub(super) type Launch =
    Box<dyn FnOnce(Launching) -> LocalBoxFuture<'static, Result<Box<dyn Any>, StartError>>>;

/// What a service is launched with.
#[derive(Clone)]
pub(super) struct Launching {
    pub(super) client: Client,
    pub(super) lifecycle: Lifecycle,
    pub(super) node: NodeContext,
    pub(super) handled: Handled,
    pub(super) annex: Rc<Annex>,
}

impl<S: Service> Registered for Registration<S> {
    fn prepare(self: Box<Self>, sink: &Sink, deadlines: &Arc<Deadlines>) -> Prepared {
        let mut patterns = Patterns::new();
        S::patterns(&mut patterns);
        prepared(TypeId::of::<S>(), Declared::new(&self.name, patterns), self.place, sink, deadlines)
    }
}

/// Gives a service its inbox.
pub(super) fn prepared<A>(
    service: TypeId,
    declared: Declared<A>,
    place: Place<A>,
    sink: &Sink,
    deadlines: &Arc<Deadlines>,
) -> Prepared
where
    A: Actor<Context = Context<A>> + Supervised,
{
    let Declared { inbox, plan, messages, events, internal, problems } = declared;
    let inbox = Inbox::new(inbox, sink.clone(), Arc::clone(deadlines));
    let launched = Arc::clone(&inbox);
    let launched_as = Arc::clone(&inbox.service);
    let launch = move |launching: Launching| -> LocalBoxFuture<'static, _> {
        Box::pin(async move {
            let Launching { client, lifecycle, node, handled, annex } = launching;
            let (address, job) = Job::new(plan, launched, lifecycle, node, handled);
            run(&launched_as, place, job, client, &annex).await?;
            Ok(Box::new(address) as Box<dyn Any>)
        })
    };
    Prepared {
        service,
        name: Arc::clone(&inbox.service),
        inbox,
        messages,
        events,
        internal,
        problems,
        launch: Box::new(launch),
    }
}

async fn run<S>(
    name: &str,
    place: Place<S>,
    job: Job<S>,
    client: Client,
    annex: &Rc<Annex>,
) -> Result<(), StartError>
where
    S: Actor<Context = Context<S>> + Supervised,
{
    let factory_panicked = |panic: Box<Panic>| factory_panicked(name, *panic);
    match place {
        Place::Value(service) => {
            spawn_here(job, Source::Value(Some(service)), annex).map_err(factory_panicked)
        }
        Place::Here(factory) => {
            spawn_here(job, from_factory(factory, client), annex).map_err(factory_panicked)
        }
        Place::Elsewhere(Placement::Here, factory) => {
            spawn_here(job, from_factory(factory, client), annex).map_err(factory_panicked)
        }
        Place::Elsewhere(Placement::On(arbiter), factory) => {
            let (made, launched) = oneshot::channel();
            let alive = arbiter.spawn_fn(move || {
                let _ = made.send(spawn(job, from_factory(factory, client)));
            });
            if !alive {
                return Err(no_thread(name, "its arbiter has stopped"));
            }
            outcome(name, launched.await)
        }
        Place::Elsewhere(Placement::Dedicated, factory) => {
            let (made, launched) = oneshot::channel();
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread
                .spawn(move || dedicated(job, from_factory(factory, client), made))
                .map_err(|error| no_thread(name, &error.to_string()))?;
            outcome(name, launched.await)
        }
    }
}

fn from_factory<S>(factory: Box<dyn Fn(Client) -> S>, client: Client) -> Source<S>
where
    S: Actor<Context = Context<S>> + Supervised,
{
    Source::Factory(Box::new(move || factory(client.clone())))
}

/// Spawns a service on the node's own task set.
fn spawn_here<S>(job: Job<S>, source: Source<S>, annex: &Rc<Annex>) -> Result<(), Box<Panic>>
where
    S: Actor<Context = Context<S>> + Supervised,
{
    let supervisor = job.run(source)?;
    actix_rt::spawn(Seated::new(supervisor, annex));
    Ok(())
}

fn spawn<S>(job: Job<S>, source: Source<S>) -> Result<(), Box<Panic>>
where
    S: Actor<Context = Context<S>> + Supervised,
{
    let supervisor = job.run(source)?;
    actix_rt::spawn(supervisor);
    Ok(())
}

/// The whole life of a dedicated thread.
fn dedicated<S>(job: Job<S>, source: Source<S>, made: oneshot::Sender<Result<(), Box<Panic>>>)
where
    S: Actor<Context = Context<S>> + Supervised,
{
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("its runtime could not be made: {error}");
            let _ = made.send(Err(Box::new(Panic { message, location: None })));
            return;
        }
    };
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async move {
        match job.run(source) {
            Ok(supervisor) => {
                let _ = made.send(Ok(()));
                supervisor.await;
            }
            Err(panic) => {
                let _ = made.send(Err(panic));
            }
        }
    });
}

fn outcome(
    name: &str,
    launched: Result<Result<(), Box<Panic>>, oneshot::error::RecvError>,
) -> Result<(), StartError> {
    match launched {
        Ok(made) => made.map_err(|panic| factory_panicked(name, *panic)),
        Err(_) => Err(no_thread(name, "its thread ended before the service was made")),
    }
}

fn factory_panicked(service: &str, panic: Panic) -> StartError {
    StartError::Factory { service: service.to_owned(), message: panic.message }
}

fn no_thread(service: &str, reason: &str) -> StartError {
    StartError::Thread { service: service.to_owned(), reason: reason.to_owned() }
}

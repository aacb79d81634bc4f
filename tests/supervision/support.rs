//! A service with a handler of each response kind, whose items say what their handlers do.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::rc::Rc;
use std::time::Instant;

use actix::MailboxError;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use nestling::prelude::*;

pub(crate) use crate::logs::Logs;

/// What happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    pub(crate) fn has(&self, line: &str) -> bool {
        self.0.borrow().iter().any(|known| known == line)
    }

    pub(crate) fn starting_with(&self, start: &str) -> Vec<String> {
        self.lines().into_iter().filter(|line| line.starts_with(start)).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("refused")]
pub(crate) struct Refused;

/// The kind of a handler's response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Sync,
    Future,
    Act,
    Atomic,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Sync, Self::Future, Self::Act, Self::Atomic];

    /// What the handler does to panic in each place where it can.
    pub(crate) fn panics(self) -> &'static [&'static str] {
        let everywhere = &["panic", "panic at the first await", "panic at the second await"];
        if self == Self::Sync { &everywhere[..1] } else { everywhere }
    }
}

/// What a test declares of its worker.
pub(crate) trait Declares: Sized + 'static {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        all(patterns);
    }
}

/// Every event and message, without options.
pub(crate) fn all<C: Declares>(patterns: &mut Patterns<Worker<C>>) {
    patterns.event::<SyncStep>().event::<FutureStep>().event::<ActStep>().event::<AtomicStep>();
    patterns.message::<SyncAsk>().message::<FutureAsk>().message::<ActAsk>().message::<AtomicAsk>();
}

pub(crate) struct Plain;
impl Declares for Plain {}

/// Told of `started <instance>`, `restarting <instance>` and `dropped <instance>`; it may panic.
pub(crate) type Hook = Rc<dyn Fn(&str)>;

pub(crate) struct Worker<C: Declares = Plain> {
    log: Log,
    instance: u32,
    hook: Hook,
    declares: PhantomData<fn() -> C>,
}

impl<C: Declares> Worker<C> {
    pub(crate) fn new(log: &Log, instance: u32, hook: Hook) -> Self {
        Self { log: log.clone(), instance, hook, declares: PhantomData }
    }

    fn says(&self, stage: &str) {
        let line = format!("{stage} {}", self.instance);
        self.log.push(line.as_str());
        (self.hook)(&line);
    }

    fn begin(&self, n: u32, does: &str, ctx: &mut Context<Self>) {
        self.log.push(format!("begun {n}"));
        if does.starts_with("stop") {
            ctx.stop();
        }
        assert!(!matches!(does, "panic" | "stop and panic"), "{n} does panic");
    }

    fn finish(&self, n: u32, does: &str) -> Result<u32, Refused> {
        if does == "err" {
            return Err(Refused);
        }
        self.log.push(format!("handled {n} by {}", self.instance));
        Ok(n)
    }
}

impl<C: Declares> Drop for Worker<C> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.says("dropped");
        }
    }
}

impl<C: Declares> Actor for Worker<C> {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Context<Self>) {
        self.says("started");
    }
}

impl<C: Declares> Supervised for Worker<C> {
    fn restarting(&mut self, _: &mut Context<Self>) {
        self.says("restarting");
    }
}

impl<C: Declares> Service for Worker<C> {
    const NAME: &'static str = "worker";

    fn patterns(patterns: &mut Patterns<Self>) {
        C::patterns(patterns);
    }
}

async fn on_the_way(n: u32, does: &str) {
    tokio::task::yield_now().await;
    assert!(does != "panic at the first await", "{n} does panic");
    tokio::task::yield_now().await;
    assert!(does != "panic at the second await", "{n} does panic");
    match does {
        "hang" => std::future::pending().await,
        "rest" => tokio::time::sleep(Duration::from_secs(20)).await,
        _ => {}
    }
}

type Answer = Result<u32, Refused>;
type Handled = Result<(), EventError>;

macro_rules! items {
    ($($event:ident $topic:tt, $message:ident $cmd:tt: $response:ident, |$actor:ident, $item:ident, $then:ident| $body:expr;)+) => {$(
        #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
        #[event_pattern($topic)]
        pub(crate) struct $event {
            pub(crate) n: u32,
            pub(crate) does: String,
        }

        #[derive(Debug, Serialize, Deserialize, MessagePattern)]
        #[message_pattern($cmd, response = u32, error = Refused)]
        pub(crate) struct $message {
            pub(crate) n: u32,
            pub(crate) does: String,
        }

        impl<C: Declares> Handler<$event> for Worker<C> {
            type Result = $response!(C, Handled);

            fn handle(&mut self, $item: $event, ctx: &mut Context<Self>) -> Self::Result {
                self.begin($item.n, &$item.does, ctx);
                let ($actor, $then) = (self, |answer: Answer| answer.map(drop).map_err(EventError::from));
                $body
            }
        }

        impl<C: Declares> Handler<$message> for Worker<C> {
            type Result = $response!(C, Answer);

            fn handle(&mut self, $item: $message, ctx: &mut Context<Self>) -> Self::Result {
                self.begin($item.n, &$item.does, ctx);
                let ($actor, $then) = (self, |answer: Answer| answer);
                $body
            }
        }
    )+};
}

macro_rules! ready {
    ($c:ident, $r:ty) => {
        $r
    };
}
macro_rules! future {
    ($c:ident, $r:ty) => { ResponseFuture<$r> };
}
macro_rules! act {
    ($c:ident, $r:ty) => { ResponseActFuture<Self, $r> };
}
macro_rules! atomic {
    ($c:ident, $r:ty) => { AtomicResponse<Self, $r> };
}

items! {
    SyncStep "step.sync", SyncAsk "ask.sync": ready, |actor, item, then| then(actor.finish(item.n, &item.does));
    FutureStep "step.future", FutureAsk "ask.future": future, |actor, item, then| {
        let (log, instance) = (actor.log.clone(), actor.instance);
        Box::pin(async move {
            on_the_way(item.n, &item.does).await;
            then(if item.does == "err" {
                Err(Refused)
            } else {
                log.push(format!("handled {} by {instance}", item.n));
                Ok(item.n)
            })
        })
    };
    ActStep "step.act", ActAsk "ask.act": act, |actor, item, then| {
        let work = async move {
            on_the_way(item.n, &item.does).await;
            item
        };
        Box::pin(work.into_actor(actor).map(move |item, actor, _| then(actor.finish(item.n, &item.does))))
    };
    AtomicStep "step.atomic", AtomicAsk "ask.atomic": atomic, |actor, item, then| {
        let work = async move {
            on_the_way(item.n, &item.does).await;
            item
        };
        AtomicResponse::new(Box::pin(
            work.into_actor(actor).map(move |item, actor, _| then(actor.finish(item.n, &item.does))),
        ))
    };
}

pub(crate) fn emit(client: &Client, kind: Kind, n: u32, does: &str) {
    let does = does.to_owned();
    match kind {
        Kind::Sync => client.emit(SyncStep { n, does }),
        Kind::Future => client.emit(FutureStep { n, does }),
        Kind::Act => client.emit(ActStep { n, does }),
        Kind::Atomic => client.emit(AtomicStep { n, does }),
    }
}

/// Sends a request through the client.
pub(crate) fn ask(
    client: &Client,
    kind: Kind,
    n: u32,
    does: &str,
) -> LocalBoxFuture<'static, Result<u32, RequestError<Refused>>> {
    let (client, does) = (client.clone(), does.to_owned());
    async move {
        match kind {
            Kind::Sync => client.send(SyncAsk { n, does }).await,
            Kind::Future => client.send(FutureAsk { n, does }).await,
            Kind::Act => client.send(ActAsk { n, does }).await,
            Kind::Atomic => client.send(AtomicAsk { n, does }).await,
        }
    }
    .boxed_local()
}

/// Queues a message in actix's mailbox.
pub(crate) fn ask_address<C: Declares>(
    address: &Addr<Worker<C>>,
    kind: Kind,
    n: u32,
    does: &str,
) -> LocalBoxFuture<'static, Result<Answer, MailboxError>> {
    let does = does.to_owned();
    match kind {
        Kind::Sync => address.send(SyncAsk { n, does }).boxed_local(),
        Kind::Future => address.send(FutureAsk { n, does }).boxed_local(),
        Kind::Act => address.send(ActAsk { n, does }).boxed_local(),
        Kind::Atomic => address.send(AtomicAsk { n, does }).boxed_local(),
    }
}

/// A node with one worker: this instance, number 0.
pub(crate) async fn value<C: Declares>(log: &Log) -> Node {
    let worker = Worker::<C>::new(log, 0, Rc::new(|_| ()));
    Node::builder("test").service(worker).start().await.unwrap()
}

/// A node whose factory makes workers 0, 1, 2, ..
pub(crate) async fn factory<C: Declares>(log: &Log) -> Node {
    factory_with::<C>(log, Rc::new(|_| ())).await
}

pub(crate) async fn factory_with<C: Declares>(log: &Log, hook: Hook) -> Node {
    let (made, log) = (Cell::new(0), log.clone());
    let factory = move |_| {
        let instance = made.replace(made.get() + 1);
        hook(&format!("making {instance}"));
        Worker::<C>::new(&log, instance, hook.clone())
    };
    Node::builder("test").service_with(factory).start().await.unwrap()
}

/// The dead letters, oldest first: the number of each item, and the letter.
pub(crate) async fn letters(node: &Node) -> Vec<(u64, DeadLetter)> {
    let page = node.dead_letters().list(Filter::new().oldest_first()).await.unwrap();
    let number = |letter: &DeadLetter| {
        let payload: serde_json::Value = serde_json::from_str(letter.payload.get()).unwrap();
        payload["n"].as_u64().unwrap()
    };
    page.letters.into_iter().map(|letter| (number(&letter), letter)).collect()
}

pub(crate) fn restarts(node: &Node) -> u64 {
    node.stats().service("worker").unwrap().restarts
}

/// Waits for a condition, 10 s of real time at most.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Runs a test on the paused clock, where actors can live.
pub(crate) async fn local<T>(test: impl Future<Output = T>) -> T {
    tokio::task::LocalSet::new().run_until(test).await
}

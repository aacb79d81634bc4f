//! What becomes of services can be subscribed to like any other event.

use std::cell::RefCell;
use std::rc::Rc;

use crate::support::*;
use nestling::prelude::*;

/// Writes down the lifecycle of the others.
struct Chronicler(Log);
impl Actor for Chronicler {
    type Context = Context<Self>;
}
impl Supervised for Chronicler {}
impl Service for Chronicler {
    const NAME: &'static str = "chronicler";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<ServiceStarted>().event::<ServiceRestarted>();
        patterns.event::<ServiceFailed>().event::<ServiceStopped>();
    }
}

macro_rules! chronicle {
    ($($event:ty, |$it:ident| $line:expr;)+) => {$(
        impl Handler<$event> for Chronicler {
            type Result = Result<(), EventError>;
            fn handle(&mut self, $it: $event, _: &mut Context<Self>) -> Self::Result {
                self.0.push($line);
                Ok(())
            }
        }
    )+};
}
chronicle! {
    ServiceStarted, |it| format!("{} started", it.service);
    ServiceRestarted, |it| format!("{} restarted {}: {}", it.service, it.restarts, it.reason);
    ServiceFailed, |it| format!("{} failed: {}", it.service, it.reason);
    ServiceStopped, |it| format!("{} stopped", it.service);
}

struct Fragile;
impl Declares for Fragile {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        all(patterns);
        patterns.max_restarts(2, Duration::from_secs(3600));
    }
}

async fn node(log: &Log, hook: Hook) -> Node {
    let worker = Worker::<Fragile>::new(&Log::default(), 0, hook);
    Node::builder("test").service(Chronicler(log.clone())).service(worker).start().await.unwrap()
}

#[actix::test]
async fn started_restarted_with_its_reason_and_failed() {
    let log = Log::default();
    let node = node(&log, Rc::new(|_| ())).await;
    emit(&node.client(), Kind::Sync, 1, "panic");
    emit(&node.client(), Kind::Act, 2, "err");
    emit(&node.client(), Kind::Act, 3, "panic at the first await");
    emit(&node.client(), Kind::Sync, 4, "panic");
    until("it has failed", || !log.starting_with("worker failed").is_empty()).await;
    assert_eq!(
        log.starting_with("worker"),
        [
            "worker started",
            "worker restarted 1: panic: 1 does panic",
            "worker restarted 2: handler_error: refused",
            "worker restarted 3: panic: 3 does panic",
            "worker failed: panic: 4 does panic",
        ]
    );
}

#[actix::test]
async fn a_service_whose_first_start_failed_has_started_when_it_has() {
    let log = Log::default();
    let left = RefCell::new(2);
    let hook = move |line: &str| {
        if line.starts_with("started") && *left.borrow() > 0 {
            *left.borrow_mut() -= 1;
            panic!("not yet");
        }
    };
    let node = node(&log, Rc::new(hook)).await;
    until("it has started", || log.has("worker started")).await;
    assert_eq!(ask(&node.client(), Kind::Sync, 1, "ok").await, Ok(1));
    assert_eq!(log.starting_with("worker started"), ["worker started"]);
}

#[actix::test]
async fn a_subscriber_that_is_taken_away_has_stopped() {
    let log = Log::default();
    let node = node(&log, Rc::new(|_| ())).await;
    let options = SubscribeOptions::new().name("guest");
    let guest = node.subscribe::<SyncStep>(options, async |_| Ok(()));
    until("it has started", || log.has("guest started")).await;
    drop(guest);
    until("it has stopped", || log.has("guest stopped")).await;
}

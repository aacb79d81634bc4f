//! A shutdown that reaches its limit loses nothing: events become dead letters with reason `shutdown`, senders get
//! `Unavailable`, the store is written, and a service whose thread is blocked is named.

use std::sync::mpsc;

use nestling::prelude::*;

use crate::support::Never;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "wait", response = u32, error = Never)]
struct Wait;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("waited")]
struct Waited {
    n: u32,
}

#[derive(Service)]
#[service("waiter", messages(Wait), events(Waited))]
struct Waiter;
impl Handler<Wait> for Waiter {
    type Result = ResponseFuture<Result<u32, Never>>;
    fn handle(&mut self, _: Wait, _: &mut Context<Self>) -> Self::Result {
        Box::pin(std::future::pending())
    }
}
impl Handler<Waited> for Waiter {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, _: Waited, _: &mut Context<Self>) -> Self::Result {
        Box::pin(std::future::pending())
    }
}

#[actix::test]
async fn events_in_hand_and_queued_and_requests() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let builder = Node::builder("test").service(Waiter).dead_letters(SqliteStore::open(&path).unwrap());
    let node = builder.start().await.unwrap();
    let client = node.client();
    (0..3).for_each(|n| client.emit(Waited { n }));
    let request = actix::spawn(async move { client.send(Wait).await });
    crate::support::until(|| {
        let waiter = &node.stats().services[0];
        waiter.subscriptions[0].ledger.in_flight == 1 && waiter.requests.in_flight == 1
    })
    .await;
    let report = node.shutdown(Duration::from_millis(50)).await;
    assert!(!report.drained && report.blocked.is_empty(), "{report:?}");
    assert_eq!((report.unfinished_events, report.unfinished_requests), (3, 1));
    let total = report.stats.total();
    assert_eq!((total.delivered, total.handled, total.dead_lettered), (3, 0, 3));
    assert!(report.stats.balances());
    let answer = request.await.unwrap();
    assert!(matches!(answer, Err(RequestError::Unavailable { .. })), "{answer:?}");

    // The file is closed, and holds them all.
    let builder = Node::builder("after").dead_letters(SqliteStore::open(&path).unwrap());
    let after = builder.start().await.unwrap();
    let letters = crate::support::letters(&after).await;
    let mut payloads: Vec<_> = letters.iter().map(|letter| letter.payload.get().to_owned()).collect();
    payloads.sort();
    assert_eq!(payloads, [r#"{"n":0}"#, r#"{"n":1}"#, r#"{"n":2}"#]);
    let as_expected = |letter: &DeadLetter| letter.reason == Reason::Shutdown && letter.service == "waiter";
    assert!(letters.iter().all(as_expected), "{letters:#?}");
}

struct Blocker {
    gate: mpsc::Receiver<()>,
}
impl Actor for Blocker {
    type Context = Context<Self>;
}
impl Supervised for Blocker {}
impl Service for Blocker {
    const NAME: &'static str = "blocker";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Waited>();
    }
}
impl Handler<Waited> for Blocker {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Waited, _: &mut Context<Self>) -> Self::Result {
        let _ = self.gate.recv();
        Ok(())
    }
}

#[actix::test]
async fn a_service_that_blocks_its_thread_is_named() {
    let (open, gate) = mpsc::channel();
    let gate = std::sync::Mutex::new(Some(gate));
    let make = move |_| Blocker { gate: gate.lock().unwrap().take().unwrap() };
    let node = Node::builder("test").service_on(Placement::Dedicated, make).start().await.unwrap();
    (0..3).for_each(|n| node.client().emit(Waited { n }));
    crate::support::until(|| node.stats().total().in_flight == 1).await;
    let report = node.shutdown(Duration::from_millis(50)).await;
    assert_eq!((report.drained, report.blocked), (false, vec!["blocker".to_owned()]));
    assert_eq!(report.unfinished_events, 3);
    let total = report.stats.total();
    assert_eq!((total.dead_lettered, total.in_flight), (2, 1), "the one in hand is lost to its thread");
    assert!(report.stats.balances());
    drop(open);
}

//! A node that is dropped instead of shut down ends at once: its services stop, its senders are told, and what was
//! queued is kept.

use futures::FutureExt;
use nestling::prelude::*;

use crate::support::{Log, Never, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "wait", response = u32, error = Never)]
struct Wait;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("waited")]
struct Waited {
    n: u32,
}

struct Waiter(Log);
impl Actor for Waiter {
    type Context = Context<Self>;
    fn stopped(&mut self, _: &mut Context<Self>) {
        self.0.push("stopped");
    }
}
impl Supervised for Waiter {}
impl Service for Waiter {
    const NAME: &'static str = "waiter";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Wait>().event::<Waited>();
    }
}
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

async fn is_left_by(end: impl FnOnce(Node), placement: Placement) {
    let log = Log::default();
    let made = log.clone();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let builder = Node::builder("test")
        .service_on(placement, move |_| Waiter(made.clone()))
        .dead_letters(SqliteStore::open(&path).unwrap());
    let node = builder.start().await.unwrap();
    let client = node.client();
    (0..3).for_each(|n| client.emit(Waited { n }));
    let asking = client.clone();
    let request = actix::spawn(async move { asking.send(Wait).await });
    until(|| node.stats().total().in_flight == 1 && node.stats().services[0].requests.in_flight == 1).await;
    // This one is still on its way to the registry.
    client.emit(Waited { n: 3 });
    end(node);
    let answer = request.await.unwrap();
    assert!(matches!(answer, Err(RequestError::Unavailable { .. })), "{answer:?}");
    until(|| log.lines() == ["stopped"]).await;
    assert!(matches!(client.send(Wait).await, Err(RequestError::Unavailable { .. })));
    drop(client);

    // The store is let go of, with all of them in it.
    let reopened = std::cell::RefCell::new(None);
    until(|| {
        *reopened.borrow_mut() = SqliteStore::open(&path).ok();
        reopened.borrow().is_some()
    })
    .await;
    let store = reopened.take().unwrap();
    let after = Node::builder("after").dead_letters(store).start().await.unwrap();
    assert_eq!(crate::support::letters(&after).await.len(), 4);
}

#[actix::test]
async fn by_its_drop() {
    is_left_by(drop, Placement::Here).await;
    is_left_by(drop, Placement::Dedicated).await;
}

#[actix::test]
async fn by_a_shutdown_that_is_given_up() {
    let given_up = |node: Node| assert!(node.shutdown(Duration::from_secs(60)).now_or_never().is_none());
    is_left_by(given_up, Placement::Here).await;
}

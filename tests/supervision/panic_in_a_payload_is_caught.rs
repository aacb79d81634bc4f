//! A payload whose `Clone` panics fails its own event; one whose `Drop` panics fails nothing else, whoever drops it:
//! the handler, the inbox, a deadline, or a service that is given up.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Log, Refused, local, until};
use nestling::prelude::*;

/// Panics as it is told to, once.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Bomb {
    when: String,
    #[serde(skip)]
    defused: AtomicBool,
}

impl Bomb {
    fn new(when: &str) -> Self {
        Self { when: when.to_owned(), defused: AtomicBool::new(false) }
    }
}

impl Clone for Bomb {
    fn clone(&self) -> Self {
        assert!(self.when != "cloned", "cloned");
        let clone = Self::new(&self.when);
        clone.defused.store(self.when == "original dropped", Ordering::Relaxed);
        clone
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.when.contains("dropped") && !self.defused.load(Ordering::Relaxed) && !std::thread::panicking()
        {
            panic!("dropped");
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("bomb.event")]
struct BombEvent {
    n: u32,
    bomb: Bomb,
    does: String,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("bomb.message", response = u32, error = Refused)]
struct BombMessage {
    n: u32,
    bomb: Bomb,
    does: String,
}

struct Squad(Log);
impl Actor for Squad {
    type Context = Context<Self>;
}
impl Supervised for Squad {}
impl Service for Squad {
    const NAME: &'static str = "squad";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<BombEvent>().message::<BombMessage>();
        patterns.max_restarts(1, Duration::from_secs(3600));
    }
}
impl Handler<BombEvent> for Squad {
    type Result = AtomicResponse<Self, Result<(), EventError>>;
    fn handle(&mut self, event: BombEvent, _: &mut Context<Self>) -> Self::Result {
        assert!(event.does != "panic", "told to");
        let (n, hangs) = (event.n, event.does == "hang");
        drop(event);
        let work = async move {
            if hangs {
                std::future::pending::<()>().await;
            }
        };
        AtomicResponse::new(Box::pin(work.into_actor(self).map(move |(), squad, _| {
            squad.0.push(format!("handled {n}"));
            Ok(())
        })))
    }
}
impl Handler<BombMessage> for Squad {
    type Result = Result<u32, Refused>;
    fn handle(&mut self, message: BombMessage, _: &mut Context<Self>) -> Self::Result {
        assert!(message.does != "panic", "told to");
        Ok(message.n)
    }
}

fn event(n: u32, when: &str, does: &str) -> BombEvent {
    BombEvent { n, bomb: Bomb::new(when), does: does.to_owned() }
}

fn message(n: u32, when: &str, does: &str) -> BombMessage {
    BombMessage { n, bomb: Bomb::new(when), does: does.to_owned() }
}

async fn node(log: &Log) -> Node {
    Node::builder("test").service(Squad(log.clone())).start().await.unwrap()
}

#[actix::test]
async fn of_one_event_while_its_neighbours_are_handled() {
    for (when, handled) in [("cloned", 2), ("handler dropped", 2), ("original dropped", 3)] {
        let log = Log::default();
        let node = node(&log).await;
        for (n, when) in [(1, ""), (2, when), (3, "")] {
            node.client().emit(event(n, when, "ok"));
        }
        until(when, || node.stats().total().handled == handled && log.has("handled 3")).await;
        let total = node.stats().total();
        assert_eq!((total.dead_lettered, total.in_flight, total.queued), (3 - handled, 0, 0), "{when}");
        assert_eq!(node.client().send(message(4, "", "ok")).await, Ok(4), "{when}");
        assert!(node.stats().balances(), "{when}");
    }
}

#[actix::test]
async fn of_a_request() {
    let node = node(&Log::default()).await;
    let failed = node.client().send(message(1, "dropped by its handler", "ok")).await;
    assert!(matches!(failed, Err(RequestError::Panicked { .. })), "{failed:?}");
    assert_eq!(node.client().send(message(2, "", "ok")).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn of_a_request_whose_deadline_passes_in_the_queue() {
    local(async {
        let node = node(&Log::default()).await;
        node.client().emit(event(1, "", "hang"));
        until("it hangs", || node.stats().total().in_flight == 1).await;
        // One that is dropped by the deadline, and one whose deadline is kept all the same.
        for when in ["dropped", ""] {
            let timeout = Duration::from_secs(20);
            let failed = node.client().send(message(2, when, "ok")).timeout(timeout);
            let failed = tokio::time::timeout(Duration::from_secs(60), failed).await;
            assert!(matches!(failed, Ok(Err(RequestError::Timeout { .. }))), "{when}: {failed:?}");
        }
    })
    .await;
}

#[actix::test]
async fn of_what_a_service_holds_that_is_given_up() {
    let log = Log::default();
    let node = node(&log).await;
    let client = node.client();
    client.emit(event(1, "", "panic"));
    client.emit(event(2, "", "panic"));
    for n in 3..6 {
        client.emit(event(n, "original dropped", "ok"));
    }
    // Both panics are behind the first item of the lanes, so the requests are queued too.
    let asks = (0..3).map(|n| client.send(message(n, "dropped", "panic")));
    let answers = tokio::time::timeout(Duration::from_secs(5), futures::future::join_all(asks)).await;
    let answers = answers.expect("every request has an answer");
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    until("each event is a dead letter", || node.dead_letters().stats().recorded == 5).await;
    assert!(node.stats().balances());
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.blocked.is_empty(), "{report:?}");
}

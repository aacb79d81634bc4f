//! A flooded service yields to its neighbours on the thread after 64 items, and within a service nobody waits for ever:
//! neither a lane behind another, nor a request behind a handler that is always ready to go on.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Poll;

use crate::support::*;
use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("drop.fell")]
struct Fell;

struct Bucket {
    drops: Rc<Cell<u64>>,
}
impl Actor for Bucket {
    type Context = Context<Self>;
}
impl Supervised for Bucket {}
impl Service for Bucket {
    const NAME: &'static str = "bucket";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Fell>();
    }
}
impl Handler<Fell> for Bucket {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Fell, _: &mut Context<Self>) -> Self::Result {
        self.drops.set(self.drops.get() + 1);
        Ok(())
    }
}

/// To the end of the thread's queue. (tokio's `yield_now` waits for longer: until the whole queue has had a turn.)
async fn next_turn() {
    let mut turned = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut turned, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[actix::test]
async fn a_neighbour_is_polled_every_64_items() {
    const FLOOD: u64 = 6400;
    let log = Log::default();
    let drops = Rc::new(Cell::new(0));
    let bucket = Bucket { drops: Rc::clone(&drops) };
    let worker = Worker::<Plain>::new(&log, 0, Rc::new(|_| ()));
    let node = Node::builder("test").service(bucket).service(worker).start().await.unwrap();
    for _ in 0..FLOOD {
        node.client().emit(Fell);
    }
    // A neighbour's task that goes on at once whenever it is polled.
    let seen = Rc::clone(&drops);
    let steps = actix_rt::spawn(async move {
        let mut steps = Vec::new();
        while seen.get() < FLOOD {
            steps.push(seen.get());
            next_turn().await;
        }
        steps
    });
    let (client, seen) = (node.client(), Rc::clone(&drops));
    let asked = actix_rt::spawn(async move {
        while seen.get() == 0 {
            next_turn().await;
        }
        assert_eq!(ask(&client, Kind::Sync, 1, "ok").await, Ok(1));
        seen.get()
    });
    let asked = asked.await.unwrap();
    assert!(asked < FLOOD / 2, "the neighbour answered after {asked} of {FLOOD}");
    let steps = steps.await.unwrap();
    let widest = steps.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(widest <= 64, "{widest} items without a turn for the neighbour");
}

struct Shared;
impl Declares for Shared {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        patterns.event::<SyncStep>().event::<FutureStep>().lane().message::<SyncAsk>();
    }
}

#[actix::test]
async fn lanes_and_requests_take_turns() {
    let log = Log::default();
    let node = value::<Shared>(&log).await;
    // Few enough for the registry to hand them over before the service has its turn.
    for n in 1000..1200 {
        emit(&node.client(), Kind::Sync, n, "ok");
    }
    for n in 5000..5010 {
        emit(&node.client(), Kind::Future, n, "ok");
    }
    let asks = (1..=10).map(|n| ask(&node.client(), Kind::Sync, n, "ok"));
    futures::future::join_all(asks).await;
    until("all are handled", || node.stats().total().handled == 210).await;
    let place = |line: &str| log.lines().iter().position(|it| it == line).unwrap();
    let flooded = place("handled 1100 by 0");
    assert!(place("handled 10 by 0") < flooded, "a request after {flooded} lines");
    assert!(place("begun 5000") < flooded, "another lane after {flooded} lines");
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("flag.awaited")]
struct Awaited;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("flag.tried")]
struct Tried;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("flag.raise", response = (), error = Refused)]
struct Raise;

/// Its events ask again and again, without a rest, whether the flag is up.
#[derive(Default)]
struct Flag {
    up: Rc<Cell<bool>>,
}
impl Actor for Flag {
    type Context = Context<Self>;
}
impl Supervised for Flag {}
impl Service for Flag {
    const NAME: &'static str = "flag";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Awaited>().event::<Tried>().retry(Retry::immediate(u32::MAX)).message::<Raise>();
    }
}
impl Handler<Awaited> for Flag {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, _: Awaited, _: &mut Context<Self>) -> Self::Result {
        let up = Rc::clone(&self.up);
        Box::pin(std::future::poll_fn(move |cx| {
            if up.get() {
                return Poll::Ready(Ok(()));
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }))
    }
}
impl Handler<Tried> for Flag {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tried, _: &mut Context<Self>) -> Self::Result {
        if self.up.get() { Ok(()) } else { Err(EventError::msg("not up yet")) }
    }
}
impl Handler<Raise> for Flag {
    type Result = Result<(), Refused>;
    fn handle(&mut self, _: Raise, _: &mut Context<Self>) -> Self::Result {
        self.up.set(true);
        Ok(())
    }
}

#[actix::test]
async fn a_handler_that_is_always_ready_does_not_keep_a_request_waiting() {
    let node = Node::builder("test").service(Flag::default()).start().await.unwrap();
    node.client().emit(Awaited);
    until("it asks", || node.stats().total().in_flight == 1).await;
    let raised = node.client().send(Raise).timeout(Duration::from_secs(3)).await;
    assert_eq!(raised, Ok(()));
    until("it sees the flag", || node.stats().total().handled == 1).await;
}

#[actix::test]
async fn retries_at_once_do_not_keep_a_request_waiting() {
    let node = Node::builder("test").service(Flag::default()).start().await.unwrap();
    node.client().emit(Tried);
    until("it tries", || node.stats().total().retried > 100).await;
    let raised = node.client().send(Raise).timeout(Duration::from_secs(3)).await;
    assert_eq!(raised, Ok(()));
    until("it sees the flag", || node.stats().total().handled == 1).await;
}

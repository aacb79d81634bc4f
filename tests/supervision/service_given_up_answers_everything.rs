//! A service that is restarted more often than it may be is given up: whatever is or was sent to it gets an answer or is a
//! dead letter, `ServiceFailed` is emitted, and its neighbours do not notice.

use std::cell::RefCell;
use std::rc::Rc;

use actix::MailboxError;
use nestling::ServiceState;

use crate::support::*;
use nestling::prelude::*;

struct Fragile;
impl Declares for Fragile {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        all(patterns);
        patterns.max_restarts(2, Duration::from_secs(3600));
    }
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("neighbour.ping", response = u32, error = Refused)]
struct Ping;

#[derive(Default)]
struct Neighbour {
    pings: u32,
}
impl Actor for Neighbour {
    type Context = Context<Self>;
}
impl Supervised for Neighbour {}
impl Service for Neighbour {
    const NAME: &'static str = "neighbour";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Ping>().event::<SyncStep>();
    }
}
impl Handler<Ping> for Neighbour {
    type Result = Result<u32, Refused>;
    fn handle(&mut self, _: Ping, _: &mut Context<Self>) -> Self::Result {
        self.pings += 1;
        Ok(self.pings)
    }
}
impl Handler<SyncStep> for Neighbour {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: SyncStep, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

fn is_unavailable(answer: &Result<u32, RequestError<Refused>>) -> bool {
    matches!(answer, Err(RequestError::Unavailable { .. }))
}

#[actix::test]
async fn what_is_queued_in_hand_and_to_come() {
    let log = Log::default();
    let worker = Worker::<Fragile>::new(&log, 0, Rc::new(|_| ()));
    let node = Node::builder("test").service(worker).service(Neighbour::default()).start().await.unwrap();
    let failed: Rc<RefCell<Vec<ServiceFailed>>> = Rc::default();
    let seen = Rc::clone(&failed);
    let watching = node.subscribe::<ServiceFailed>(SubscribeOptions::new(), async move |event| {
        seen.borrow_mut().push(event.into_inner());
        Ok(())
    });
    let (client, address) = (node.client(), node.addr::<Worker<Fragile>>().unwrap());
    assert_eq!(client.send(Ping).await, Ok(1));

    // In hand: two requests and an event that never end. The last panics find them there.
    let hanging = [Kind::Future, Kind::Act].map(|kind| actix_rt::spawn(ask(&client, kind, 1, "hang")));
    until("they hang", || log.starting_with("begun 1").len() == 2).await;
    for _ in 0..2 {
        let panicked = ask(&client, Kind::Sync, 2, "panic").await;
        assert!(matches!(panicked, Err(RequestError::Panicked { .. })), "{panicked:?}");
        assert_eq!(ask(&client, Kind::Sync, 3, "ok").await, Ok(3), "two restarts are allowed");
    }
    emit(&client, Kind::Act, 4, "hang");
    until("the event hangs", || log.has("begun 4")).await;
    for n in 5..9 {
        emit(&client, Kind::Sync, n, "ok"); // queued behind it
    }
    let mail: Vec<_> = (0..3).map(|n| ask_address(&address, Kind::Sync, n, "panic")).collect();
    let queued = ask(&client, Kind::Sync, 10, "ok");
    let (mail, queued) = futures::join!(futures::future::join_all(mail), queued);

    assert!(mail.iter().all(|answer| matches!(answer, Err(MailboxError::Closed))), "{mail:?}");
    assert!(is_unavailable(&queued), "{queued:?}");
    for hanging in hanging {
        let answer = hanging.await.unwrap();
        assert!(is_unavailable(&answer), "{answer:?}");
    }
    assert!(is_unavailable(&ask(&client, Kind::Sync, 11, "ok").await));
    assert!(matches!(ask_address(&address, Kind::Sync, 11, "ok").await, Err(MailboxError::Closed)));
    assert!(!address.connected());
    emit(&client, Kind::Sync, 12, "ok");

    until("the neighbour has its events", || {
        node.stats().subscription("neighbour", "step.sync").unwrap().handled == 5
    })
    .await;
    until("the failure is announced", || failed.borrow().len() == 1).await;
    assert_eq!(failed.borrow()[0].service, "worker");
    assert!(failed.borrow()[0].reason.contains("0 does panic"), "{failed:?}");
    assert_eq!(client.send(Ping).await, Ok(2), "the same instance, never restarted");

    let stats = node.stats();
    assert_eq!(stats.service("worker").unwrap().state, ServiceState::Failed);
    assert_eq!(stats.service("neighbour").unwrap().state, ServiceState::Running);
    assert_eq!(stats.service("neighbour").unwrap().restarts, 0);
    let requests = stats.service("worker").unwrap().requests;
    assert_eq!((requests.queued, requests.in_flight), (0, 0));
    assert_eq!(requests.received, requests.answered + requests.unanswered, "{requests:?}");
    let letters = letters(&node).await;
    let mut numbers: Vec<_> = letters.iter().map(|(n, _)| *n).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [4, 5, 6, 7, 8, 12]);
    assert!(letters.iter().all(|(_, letter)| letter.reason == Reason::ServiceFailed), "{letters:?}");
    assert!(stats.balances());
    drop(watching);
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained && report.blocked.is_empty(), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn restarts_that_are_far_enough_apart_do_not_add_up() {
    struct Hourly;
    impl Declares for Hourly {
        fn patterns(patterns: &mut Patterns<Worker<Self>>) {
            patterns.event::<SyncStep>().message::<SyncAsk>();
            patterns.max_restarts(2, Duration::from_secs(60));
        }
    }
    local(async {
        let log = Log::default();
        let node = value::<Hourly>(&log).await;
        for n in 0..10 {
            emit(&node.client(), Kind::Sync, n, "panic");
            tokio::time::sleep(Duration::from_secs(40)).await;
        }
        assert_eq!(restarts(&node), 10);
        assert_eq!(ask(&node.client(), Kind::Sync, 1, "ok").await, Ok(1));
    })
    .await;
}

//! A handler that outlives its timeout is cut off and fails: its future by the inbox, a response that pauses the actor
//! by the supervisor. A synchronous one cannot be cut off, and its late success counts.

use crate::support::*;
use nestling::prelude::*;

struct Limited;
impl Declares for Limited {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        let limit = Duration::from_secs(15);
        patterns.event::<SyncStep>().timeout(limit);
        patterns.event::<FutureStep>().timeout(limit);
        patterns.event::<ActStep>().timeout(limit);
        patterns.event::<AtomicStep>().timeout(limit);
        patterns.message::<SyncAsk>().timeout(limit);
        patterns.message::<FutureAsk>().timeout(limit);
        patterns.message::<ActAsk>().timeout(limit);
        patterns.message::<AtomicAsk>().timeout(limit);
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_hangs_is_cut_off_and_the_next_is_handled() {
    for kind in [Kind::Future, Kind::Act, Kind::Atomic] {
        local(async {
            let log = Log::default();
            let node = factory::<Limited>(&log).await;
            let address = node.addr::<Worker<Limited>>().unwrap();
            let began = tokio::time::Instant::now();
            emit(&node.client(), kind, 1, "hang");
            emit(&node.client(), kind, 2, "ok");
            until("the next is handled", || log.has("handled 2 by 1")).await;
            let took = began.elapsed();
            assert!(took >= Duration::from_secs(15) && took < Duration::from_secs(16), "{kind:?}: {took:?}");
            assert_eq!(restarts(&node), 1);
            assert!(address.connected());
            let letters = letters(&node).await;
            let [(1, letter)] = letters.as_slice() else { panic!("{kind:?}: {letters:?}") };
            assert_eq!((letter.reason, letter.attempts), (Reason::Timeout, 1));
            assert!(node.stats().balances());
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_hangs_is_cut_off_and_the_others_are_answered() {
    for kind in [Kind::Future, Kind::Act, Kind::Atomic] {
        local(async {
            let log = Log::default();
            let node = factory::<Limited>(&log).await;
            let client = node.client();
            let (hung, next) = futures::join!(ask(&client, kind, 1, "hang"), ask(&client, kind, 2, "ok"));
            let pattern = format!("ask.{}", format!("{kind:?}").to_lowercase());
            assert_eq!(hung, Err(RequestError::Timeout { pattern, after: Duration::from_secs(15) }));
            assert_eq!(next, Ok(2), "{kind:?}");
            assert_eq!(restarts(&node), 1);
            let requests = node.stats().service("worker").unwrap().requests;
            assert_eq!((requests.answered, requests.unanswered, requests.in_flight), (1, 1, 0), "{kind:?}");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_in_time_is_left_alone() {
    struct Roomy;
    impl Declares for Roomy {
        fn patterns(patterns: &mut Patterns<Worker<Self>>) {
            patterns.event::<AtomicStep>().timeout(Duration::from_secs(25));
            patterns.event::<ActStep>().timeout(Duration::from_secs(25));
        }
    }
    local(async {
        let log = Log::default();
        let node = value::<Roomy>(&log).await;
        for (n, kind) in [(1, Kind::Atomic), (2, Kind::Act), (3, Kind::Atomic), (4, Kind::Act)] {
            emit(&node.client(), kind, n, "rest");
        }
        until("all four are handled", || node.stats().total().handled == 4).await;
        assert_eq!(log.starting_with("handled"), [1, 2, 3, 4].map(|n| format!("handled {n} by 0")));
        assert_eq!(restarts(&node), 0);
    })
    .await;
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("stone.rolled")]
struct Rolled;

struct Slow;
impl Actor for Slow {
    type Context = Context<Self>;
}
impl Supervised for Slow {}
impl Service for Slow {
    const NAME: &'static str = "slow";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Rolled>().timeout(Duration::from_millis(5));
    }
}
impl Handler<Rolled> for Slow {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Rolled, _: &mut Context<Self>) -> Self::Result {
        std::thread::sleep(Duration::from_millis(20));
        Ok(())
    }
}

#[actix::test]
async fn a_late_success_of_a_synchronous_handler_counts_with_a_warning() {
    let logs = Logs::default();
    let _subscriber = logs.collect();
    let node = Node::builder("test").service(Slow).start().await.unwrap();
    node.client().emit(Rolled);
    until("it is handled", || node.stats().total().handled == 1).await;
    assert_eq!(node.stats().service("slow").unwrap().restarts, 0);
    let warnings = logs.at(tracing::Level::WARN);
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert!(warning.contains("stone.rolled") && warning.contains("slow"), "{warning}");
}

//! The first restart after a success is at once; each further one without a success between waits longer, jittered, up
//! to a cap. What comes meanwhile waits, and is handled.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::time::Instant;

use crate::support::*;
use nestling::prelude::*;

const FIRST: Duration = Duration::from_secs(1);
const CAP: Duration = Duration::from_secs(8);

struct Patient;
impl Declares for Patient {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        patterns.event::<SyncStep>().message::<SyncAsk>();
        patterns.restart_backoff(Backoff::new(FIRST, 2.0, CAP));
    }
}

/// A node, and the times of its worker's starts.
async fn node(log: &Log) -> (Node, Rc<RefCell<Vec<Instant>>>) {
    let starts: Rc<RefCell<Vec<Instant>>> = Rc::default();
    let seen = Rc::clone(&starts);
    let hook = Rc::new(move |line: &str| {
        if line.starts_with("started") {
            seen.borrow_mut().push(Instant::now());
        }
    });
    (factory_with::<Patient>(log, hook).await, starts)
}

fn gaps(starts: &Rc<RefCell<Vec<Instant>>>) -> Vec<Duration> {
    starts.borrow().windows(2).map(|pair| pair[1] - pair[0]).collect()
}

fn is_between(gap: Duration, from: Duration, to: Duration) -> bool {
    // Timers are kept to the millisecond.
    gap >= from && gap <= to + Duration::from_millis(5)
}

#[tokio::test(start_paused = true)]
async fn each_wait_is_jittered_below_a_bound_that_doubles_up_to_the_cap() {
    local(async {
        let log = Log::default();
        let (node, starts) = node(&log).await;
        for n in 0..7 {
            emit(&node.client(), Kind::Sync, n, "panic");
        }
        until("all have failed", || restarts(&node) == 7).await;
        let gaps = gaps(&starts);
        assert!(gaps[0] < Duration::from_millis(10), "the first is at once: {gaps:?}");
        for (gap, bound) in gaps[1..].iter().zip([1, 2, 4, 8, 8, 8].map(Duration::from_secs)) {
            assert!(is_between(*gap, bound / 2, bound), "{gap:?} of {bound:?}: {gaps:?}");
        }
        assert!(gaps[1..].iter().any(|gap| gap.subsec_millis() != 0), "no jitter: {gaps:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_success_makes_the_next_restart_immediate_again() {
    local(async {
        let log = Log::default();
        let (node, starts) = node(&log).await;
        for round in 0..3 {
            emit(&node.client(), Kind::Sync, round, "panic");
            emit(&node.client(), Kind::Sync, round, "panic");
            emit(&node.client(), Kind::Sync, 10 + round, "ok");
        }
        until("all have failed", || restarts(&node) == 6).await;
        for pair in gaps(&starts).chunks(2) {
            assert!(pair[0] < Duration::from_millis(10), "at once: {pair:?}");
            assert!(is_between(pair[1], FIRST / 2, FIRST), "and then the first wait: {pair:?}");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_comes_during_a_wait_is_handled_after_it() {
    local(async {
        let log = Log::default();
        let (node, starts) = node(&log).await;
        let address = node.addr::<Worker<Patient>>().unwrap();
        emit(&node.client(), Kind::Sync, 1, "panic");
        emit(&node.client(), Kind::Sync, 2, "panic");
        until("the second has failed", || log.has("begun 2")).await;
        let sent = Instant::now();
        emit(&node.client(), Kind::Sync, 3, "ok");
        let (request, mail) = futures::join!(
            ask(&node.client(), Kind::Sync, 4, "ok"),
            ask_address(&address, Kind::Sync, 5, "ok"),
        );
        assert_eq!((request, mail), (Ok(4), Ok(Ok(5))));
        assert!(sent.elapsed() >= FIRST / 2, "{:?}", sent.elapsed());
        until("the event is handled", || log.has("handled 3 by 2")).await;
        assert_eq!(starts.borrow().len(), 3);
    })
    .await;
}

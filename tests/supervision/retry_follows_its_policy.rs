//! `Retry`: how many attempts, when, and when no more.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::time::Instant;

use crate::support::{local, until};
use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("nail.hit")]
struct Hit {
    n: u32,
    /// How many attempts fail.
    fails: u32,
    permanently: bool,
}

fn hit(n: u32, fails: u32) -> Hit {
    Hit { n, fails, permanently: false }
}

type Attempts = Rc<RefCell<Vec<(u32, u32, Instant)>>>;

struct Subscribed {
    node: Node,
    subscription: Subscription,
    attempts: Attempts,
}

/// Notes the number, attempt and time of each call.
async fn subscribe(options: SubscribeOptions) -> Subscribed {
    let node = Node::builder("test").start().await.unwrap();
    let attempts = Attempts::default();
    let seen = Rc::clone(&attempts);
    let subscription = node.subscribe::<Hit>(options.name("hammer"), async move |hit: Delivery<Hit>| {
        seen.borrow_mut().push((hit.n, hit.attempt(), Instant::now()));
        match hit.attempt() <= hit.fails {
            true if hit.permanently => Err(EventError::permanent(EventError::msg("bent"))),
            true => Err(EventError::msg("missed")),
            false => Ok(()),
        }
    });
    Subscribed { node, subscription, attempts }
}

impl Subscribed {
    async fn after(&self, handled: u64, dead: u64) -> Vec<(u32, u32)> {
        let stats = || self.subscription.stats();
        until("all are settled", || (stats().handled, stats().dead_lettered) == (handled, dead)).await;
        assert_eq!(stats().imbalance(), 0);
        self.attempts.borrow().iter().map(|(n, attempt, _)| (*n, *attempt)).collect()
    }

    fn gaps(&self) -> Vec<Duration> {
        self.attempts.borrow().windows(2).map(|pair| pair[1].2 - pair[0].2).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn none_is_one_attempt() {
    local(async {
        let it = subscribe(SubscribeOptions::new()).await;
        it.node.client().emit(hit(1, 1));
        assert_eq!(it.after(0, 1).await, [(1, 1)]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn immediate_is_so_many_more_at_once_and_in_order() {
    local(async {
        let it = subscribe(SubscribeOptions::new().retry(Retry::immediate(2))).await;
        for (n, fails) in [(1, 2), (2, 9), (3, 0)] {
            it.node.client().emit(hit(n, fails));
        }
        assert_eq!(it.after(2, 1).await, [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1)]);
        assert!(it.gaps()[..5].iter().all(|gap| gap.is_zero()), "{:?}", it.gaps());
        assert_eq!(it.subscription.stats().retried, 4);
        let letters = it.node.dead_letters().list(Filter::new()).await.unwrap().letters;
        assert_eq!((letters[0].attempts, letters[0].attempt_log.len()), (3, 3));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn exponential_waits_longer_each_time_and_holds_its_ordered_lane() {
    local(async {
        let retry = Retry::exponential(4).first_delay(Duration::from_secs(1)).cap(Duration::from_secs(4));
        let it = subscribe(SubscribeOptions::new().retry(retry.jitter(false))).await;
        it.node.client().emit(hit(1, 9));
        it.node.client().emit(hit(2, 0));
        assert_eq!(it.after(1, 1).await, [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (2, 1)]);
        for (gap, seconds) in it.gaps().into_iter().zip([1, 2, 4, 4]) {
            let expected = Duration::from_secs(seconds);
            assert!(gap >= expected && gap < expected + Duration::from_millis(5), "{gap:?} {expected:?}");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_jitter_each_delay_is_drawn_from_zero_to_its_bound() {
    local(async {
        let bound = Duration::from_secs(1);
        let retry = Retry::exponential(100).first_delay(bound).factor(1.0).cap(bound);
        let it = subscribe(SubscribeOptions::new().retry(retry)).await;
        it.node.client().emit(hit(1, 1000));
        it.after(0, 1).await;
        let gaps = it.gaps();
        assert_eq!(gaps.len(), 100);
        assert!(gaps.iter().all(|gap| *gap < bound + Duration::from_millis(5)), "{gaps:?}");
        // Of a hundred even draws each quarter has some, but for once in 10^12.
        for quarter in 0..4 {
            let drawn = |gap: &&Duration| (gap.as_secs_f64() * 4.0) as u32 == quarter;
            assert!(gaps.iter().any(|gap| drawn(&gap)), "none in quarter {quarter}: {gaps:?}");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_skips_the_rest() {
    local(async {
        let it = subscribe(SubscribeOptions::new().retry(Retry::immediate(5))).await;
        it.node.client().emit(Hit { permanently: true, ..hit(1, 9) });
        it.node.client().emit(hit(2, 1));
        assert_eq!(it.after(1, 1).await, [(1, 1), (2, 1), (2, 2)]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_after_the_deadline() {
    local(async {
        let retry = Retry::exponential(100).first_delay(Duration::from_secs(10)).factor(1.0).jitter(false);
        let it = subscribe(SubscribeOptions::new().retry(retry.deadline(Duration::from_secs(35)))).await;
        it.node.client().emit(hit(1, 1000));
        assert_eq!(it.after(0, 1).await, [(1, 1), (1, 2), (1, 3), (1, 4)], "at 0, 10, 20 and 30 s");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_concurrency_the_slot_is_free_while_the_delay_runs() {
    local(async {
        let retry = Retry::exponential(1).first_delay(Duration::from_secs(60)).jitter(false);
        let it = subscribe(SubscribeOptions::new().retry(retry).concurrency(2)).await;
        for n in 1..=4 {
            it.node.client().emit(hit(n, 1));
        }
        for n in 5..=6 {
            it.node.client().emit(hit(n, 0));
        }
        assert_eq!(it.after(2, 0).await.len(), 6, "four wait, and two were handled beside them");
        let stats = it.subscription.stats();
        assert_eq!((stats.in_flight, stats.queued), (4, 0));
        assert_eq!(it.after(6, 0).await.len(), 10);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_retry_counts_against_the_bound() {
    local(async {
        let retry = Retry::exponential(1).first_delay(Duration::from_secs(60)).jitter(false);
        let it = subscribe(SubscribeOptions::new().retry(retry).concurrency(2).capacity(2)).await;
        let client = it.node.client();
        for n in 1..=2 {
            client.emit(hit(n, 1));
        }
        until("both wait", || it.attempts.borrow().len() == 2).await;
        client.emit(hit(3, 0));
        it.after(0, 1).await;
        let letters = it.node.dead_letters().list(Filter::new().reason(Reason::InboxFull)).await.unwrap();
        assert_eq!(letters.letters.len(), 1);

        // Its room is free again when the retry begins, and whoever waited for it is let in.
        let waiting = client.emit_confirmed(hit(4, 0)).timeout(Duration::from_secs(120));
        waiting.await.unwrap();
        it.after(3, 1).await;
    })
    .await;
}

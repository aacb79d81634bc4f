//! `RestartOn::Panic`: neither a spent error nor a timeout restarts the service, a panic does. By default all three do.

use crate::support::*;
use nestling::prelude::*;

fn limited<C: Declares>(patterns: &mut Patterns<Worker<C>>) {
    patterns.event::<SyncStep>().event::<FutureStep>().timeout(Duration::from_secs(15));
}

struct OnPanic;
impl Declares for OnPanic {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        limited(patterns);
        patterns.restart_on(RestartOn::Panic);
    }
}

struct OnFailure;
impl Declares for OnFailure {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        limited(patterns);
    }
}

/// How often an error, a timeout and a panic, in this order, have restarted the service so far.
async fn restarts_by<C: Declares>() -> [u64; 3] {
    let log = Log::default();
    let node = factory::<C>(&log).await;
    let mut counts = [0; 3];
    let failures = [(Kind::Sync, "err"), (Kind::Future, "hang"), (Kind::Sync, "panic")];
    for (n, (kind, does)) in (1..).zip(failures) {
        emit(&node.client(), kind, n, does);
        // A success behind each failure, so that no restart waits for another.
        emit(&node.client(), Kind::Sync, 10 + n, "ok");
        until(does, || node.stats().total().handled == u64::from(n)).await;
        counts[n as usize - 1] = restarts(&node);
    }
    assert_eq!(letters(&node).await.len(), 3);
    counts
}

#[tokio::test(start_paused = true)]
async fn only_a_panic_restarts() {
    assert_eq!(local(restarts_by::<OnPanic>()).await, [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn by_default_each_failure_restarts() {
    assert_eq!(local(restarts_by::<OnFailure>()).await, [1, 2, 3]);
}

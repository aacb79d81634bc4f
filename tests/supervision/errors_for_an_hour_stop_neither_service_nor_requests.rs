//! A stream of events that fail with an error (a mail server that is down for an hour) neither gives the service up nor
//! keeps its requests waiting: the lane backs off, and the actor does not.

use tokio::time::{Instant, sleep};

use crate::support::*;
use nestling::prelude::*;

struct Mailer;
impl Declares for Mailer {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        all(patterns);
        patterns.max_restarts(3, Duration::from_secs(3600));
    }
}

#[tokio::test(start_paused = true)]
async fn a_mail_server_is_down() {
    local(async {
        let log = Log::default();
        let node = factory::<Mailer>(&log).await;
        let address = node.addr::<Worker<Mailer>>().unwrap();
        let began = Instant::now();
        let mut emitted = 0;
        while began.elapsed() < Duration::from_secs(3600) {
            let kind = Kind::ALL[emitted as usize % 4];
            emit(&node.client(), kind, emitted, "err");
            emitted += 1;
            sleep(Duration::from_secs(7)).await;
            let asked = Instant::now();
            if emitted % 8 == 0 {
                assert_eq!(ask(&node.client(), kind, 1, "ok").await, Ok(1));
                assert_eq!(ask_address(&address, Kind::Sync, 2, "ok").await, Ok(Ok(2)));
            }
            assert!(asked.elapsed() < Duration::from_millis(5), "a request waited {:?}", asked.elapsed());
        }
        let dead = || node.stats().total().dead_lettered;
        until("each is a dead letter", || dead() == u64::from(emitted)).await;
        let letters = letters(&node).await;
        assert!(letters.iter().all(|(_, letter)| letter.reason == Reason::HandlerError));
        assert_eq!(node.stats().service("worker").unwrap().state, nestling::ServiceState::Running);
        emit(&node.client(), Kind::Sync, 9999, "ok");
        until("and when it is back", || node.stats().total().handled == 1).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_backlog_is_worked_off_slowly_while_requests_are_prompt() {
    local(async {
        let log = Log::default();
        let node = factory::<Mailer>(&log).await;
        for n in 0..50 {
            emit(&node.client(), Kind::Sync, n, "err");
        }
        // No success comes between: the waits grow to their cap of 5 s.
        sleep(Duration::from_secs(20)).await;
        let failed = node.stats().total().dead_lettered;
        assert!((5..20).contains(&failed), "{failed} failed within 20 s");
        let asked = Instant::now();
        assert_eq!(ask(&node.client(), Kind::Act, 1, "ok").await, Ok(1));
        assert!(asked.elapsed() < Duration::from_millis(5), "{:?}", asked.elapsed());
        sleep(Duration::from_secs(300)).await;
        until("all have failed", || node.stats().total().dead_lettered == 50).await;
        assert!(node.stats().balances());
    })
    .await;
}

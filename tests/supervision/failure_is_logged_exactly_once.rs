//! Each failure is one log event at warn or error that names service, pattern, id, reason and error, and a panic's place;
//! the restart that follows is another. The place is in the dead letter too.

use tracing::Level;

use crate::support::*;
use nestling::prelude::*;

struct Retrying;
impl Declares for Retrying {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        all(patterns);
        patterns.event::<Delivery<Twice>>().retry(Retry::immediate(3));
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("step.twice")]
struct Twice;

impl Handler<Delivery<Twice>> for Worker<Retrying> {
    type Result = Result<(), EventError>;
    fn handle(&mut self, it: Delivery<Twice>, _: &mut Context<Self>) -> Self::Result {
        if it.attempt() < 3 { Err(EventError::msg("not yet")) } else { Ok(()) }
    }
}

/// What is logged about failures, at which level, without the restarts.
fn failures(logs: &Logs) -> Vec<(Level, String)> {
    let is_restart = |line: &String| line.contains("a service was restarted");
    let at =
        |level| logs.at(level).into_iter().filter(|line| !is_restart(line)).map(move |line| (level, line));
    at(Level::WARN).chain(at(Level::ERROR)).collect()
}

#[actix::test]
async fn of_an_event() {
    for kind in Kind::ALL {
        for does in kind.panics().iter().chain(&["err"]) {
            let (logs, log) = (Logs::default(), Log::default());
            let _collected = logs.collect();
            let node = value::<Plain>(&log).await;
            emit(&node.client(), kind, 1, does);
            until("it has failed", || node.stats().total().dead_lettered == 1).await;
            let letters = letters(&node).await;
            let failures = failures(&logs);
            let [(level, line)] = failures.as_slice() else { panic!("{kind:?} {does}: {failures:?}") };
            let pattern = format!("step.{}", format!("{kind:?}").to_lowercase());
            let (id, correlation_id) = (&letters[0].1.event_id, &letters[0].1.correlation_id);
            let (id, correlation_id) = (format!("id={id}"), format!("correlation_id={correlation_id}"));
            for part in ["worker", &pattern, "kind=\"event\"", &id, "attempts=1", &correlation_id] {
                assert!(line.contains(part), "{part}: {line}");
            }
            if *does == "err" {
                assert!(*level == Level::WARN && line.contains("handler_error") && line.contains("refused"));
                assert_eq!(letters[0].1.panic_location, None);
            } else {
                let place = letters[0].1.panic_location.clone().unwrap();
                assert!(place.contains("supervision/support.rs:"), "{place}");
                assert!(
                    *level == Level::ERROR && line.contains("1 does panic") && line.contains(&place),
                    "{line}"
                );
            }
        }
    }
}

#[actix::test]
async fn of_a_request() {
    for kind in Kind::ALL {
        for does in kind.panics() {
            let (logs, log) = (Logs::default(), Log::default());
            let _collected = logs.collect();
            let node = value::<Plain>(&log).await;
            assert!(ask(&node.client().correlation("case-7"), kind, 1, does).await.is_err());
            let failures = failures(&logs);
            let [(Level::ERROR, line)] = failures.as_slice() else { panic!("{kind:?} {does}: {failures:?}") };
            let pattern = format!("ask.{}", format!("{kind:?}").to_lowercase());
            for part in ["worker", &pattern, "panic", "1 does panic", "supervision/support.rs:"]
                .into_iter()
                .chain(["kind=\"message\"", " id=", "attempt=1", "correlation_id=case-7"])
            {
                assert!(line.contains(part), "{part}: {line}");
            }
        }
    }
}

#[actix::test]
async fn of_a_message_by_addr_send() {
    for kind in [Kind::Sync, Kind::Act, Kind::Atomic] {
        let (logs, log) = (Logs::default(), Log::default());
        let _collected = logs.collect();
        let node = value::<Plain>(&log).await;
        let address = node.addr::<Worker>().unwrap();
        assert!(ask_address(&address, kind, 1, "panic").await.is_err());
        assert!(ask_address(&address, kind, 2, "ok").await.is_ok());
        let failures = failures(&logs);
        let [(Level::ERROR, line)] = failures.as_slice() else { panic!("{kind:?}: {failures:?}") };
        assert!(line.contains("worker") && line.contains("1 does panic"), "{line}");
        assert!(line.contains("supervision/support.rs:"), "{line}");
    }
}

#[actix::test]
async fn an_attempt_that_is_made_again_is_no_failure_yet() {
    let (logs, log) = (Logs::default(), Log::default());
    let _collected = logs.collect();
    let node = value::<Retrying>(&log).await;
    node.client().emit(Twice);
    until("it is handled", || node.stats().total().handled == 1).await;
    assert_eq!(failures(&logs), []);
    assert_eq!(logs.at(Level::DEBUG).iter().filter(|line| line.contains("not yet")).count(), 2);
}

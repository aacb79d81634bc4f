//! A panic in an event handler, at any await of any kind of response, fails its own event alone. The service goes on
//! at the same address, with its queue, and with a fresh instance where there is a factory.

use crate::support::*;
use nestling::prelude::*;

async fn fails_alone(kind: Kind, does: &str, fresh: bool) {
    let log = Log::default();
    let node = if fresh { factory::<Plain>(&log).await } else { value::<Plain>(&log).await };
    let address = node.addr::<Worker>().unwrap();
    for (n, does) in [(1, "ok"), (2, does), (3, "ok"), (4, "ok")] {
        emit(&node.client(), kind, n, does);
    }
    let queued = ask_address(&address, Kind::Sync, 5, "ok");
    let what = format!("{kind:?} that does {does}: {log:?}", log = log.lines());
    assert_eq!(queued.await, Ok(Ok(5)), "{what}");
    let after = u32::from(fresh);
    until(&what, || log.has(&format!("handled 4 by {after}"))).await;

    assert!(address.connected() && address == node.addr::<Worker>().unwrap(), "{what}");
    let handled = log.starting_with("handled");
    let events: Vec<_> = handled.iter().filter(|line| !line.starts_with("handled 5")).collect();
    let expected =
        ["handled 1 by 0".to_owned(), format!("handled 3 by {after}"), format!("handled 4 by {after}")];
    assert!(events.into_iter().eq(&expected), "{what}: {handled:?}");
    assert_eq!(restarts(&node), 1, "{what}");
    assert_eq!(log.starting_with("started").len(), 2, "{what}");
    // What comes out of actix's own machinery can only be cleared by restarting the failed instance too.
    let mut restarting = log.starting_with("restarting");
    assert_eq!(restarting.pop().unwrap(), format!("restarting {after}"), "{what}");
    assert!(restarting.is_empty() || (kind == Kind::Atomic && restarting == ["restarting 0"]), "{what}");

    let letters = letters(&node).await;
    let [(2, letter)] = letters.as_slice() else { panic!("{what}: {letters:?}") };
    assert_eq!((letter.reason, letter.attempts), (Reason::Panic, 1));
    assert_eq!((letter.service.as_str(), letter.error_message.as_str()), ("worker", "2 does panic"));
    let report = node.shutdown(Duration::from_secs(5)).await;
    let total = report.stats.total();
    assert_eq!((total.delivered, total.handled, total.dead_lettered), (4, 3, 1), "{what}");
    assert!(report.drained && report.stats.balances(), "{what}");
}

#[actix::test]
async fn with_a_factory() {
    for kind in Kind::ALL {
        for does in kind.panics() {
            fails_alone(kind, does, true).await;
        }
    }
}

#[actix::test]
async fn with_a_value() {
    for kind in Kind::ALL {
        for does in kind.panics() {
            fails_alone(kind, does, false).await;
        }
    }
}

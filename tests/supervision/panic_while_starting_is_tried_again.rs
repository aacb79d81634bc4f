//! A panic in `started`, in `restarting`, or in the factory of a restart is caught, and the restart is tried again.

use std::cell::Cell;
use std::rc::Rc;

use crate::support::*;
use nestling::prelude::*;

/// Panics at the first `times` calls for each of `stages`.
fn panics_at(stages: &'static [&'static str], times: u32) -> Hook {
    let left = Cell::new(times);
    Rc::new(move |line| {
        if stages.iter().any(|stage| line.starts_with(stage)) && left.get() > 0 {
            left.set(left.get() - 1);
            panic!("at {line}");
        }
    })
}

async fn goes_on(hook: Hook, at_least: u64) {
    let log = Log::default();
    let node = factory_with::<Plain>(&log, hook).await;
    let (client, address) = (node.client(), node.addr::<Worker>().unwrap());
    emit(&client, Kind::Sync, 1, "panic");
    emit(&client, Kind::Act, 2, "ok");
    let mail = ask_address(&address, Kind::Sync, 3, "ok");
    let request = ask(&client, Kind::Sync, 4, "ok");
    assert_eq!((mail.await, request.await), (Ok(Ok(3)), Ok(4)));
    until("the event behind the failed one is handled", || node.stats().total().handled == 1).await;
    assert!(restarts(&node) >= at_least, "{} of {at_least}: {:?}", restarts(&node), log.lines());
    assert!(address.connected());
    let last = log.starting_with("started").pop().unwrap().replace("started", "handled 4 by");
    assert!(log.has(&last), "the last instance started answers: {:?}", log.lines());
    let letters = letters(&node).await;
    assert_eq!(letters.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1], "nothing else is blamed");
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained && report.stats.balances(), "{report:?}");
}

#[actix::test]
async fn the_first_started() {
    goes_on(panics_at(&["started 0"], 1), 2).await;
}

#[actix::test]
async fn each_started_but_the_fourth() {
    goes_on(panics_at(&["started"], 3), 4).await;
}

#[actix::test]
async fn a_started_after_a_failure() {
    goes_on(panics_at(&["started 1", "started 2"], 2), 3).await;
}

#[actix::test]
async fn restarting() {
    goes_on(panics_at(&["restarting"], 2), 2).await;
}

#[actix::test]
async fn the_factory_of_a_restart() {
    goes_on(panics_at(&["making 1", "making 2"], 2), 2).await;
}

#[actix::test]
async fn a_replaced_instance_that_is_dropped() {
    goes_on(panics_at(&["dropped 0"], 1), 1).await;
}

#[actix::test]
async fn all_of_them() {
    goes_on(panics_at(&["started", "restarting", "dropped", "making 1"], 5), 3).await;
}

#[actix::test]
async fn the_value_is_started_again() {
    for stage in ["started", "restarting"] {
        let log = Log::default();
        let left = Cell::new(2);
        let hook = move |line: &str| {
            if line.starts_with(stage) && left.get() > 0 {
                left.set(left.get() - 1);
                panic!("at {line}");
            }
        };
        let worker = Worker::<Plain>::new(&log, 0, Rc::new(hook));
        let node = Node::builder("test").service(worker).start().await.unwrap();
        let (client, address) = (node.client(), node.addr::<Worker>().unwrap());
        let failed = ask(&client, Kind::Sync, 1, "panic").await;
        assert!(matches!(failed, Err(RequestError::Panicked { .. })), "{failed:?}");
        assert_eq!(ask(&client, Kind::Sync, 2, "ok").await, Ok(2));
        assert_eq!(ask_address(&address, Kind::Sync, 3, "ok").await, Ok(Ok(3)));
        assert_eq!(log.starting_with("handled"), ["handled 2 by 0", "handled 3 by 0"]);
    }
}

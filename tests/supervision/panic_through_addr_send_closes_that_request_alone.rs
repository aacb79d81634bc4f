//! A panic in a handler that `Addr::send` reached closes that request, and the mailbox behind it survives.

use actix::MailboxError;

use crate::support::*;

#[actix::test]
async fn the_queue_behind_it_is_answered_by_a_fresh_instance() {
    for kind in [Kind::Sync, Kind::Act, Kind::Atomic] {
        for does in kind.panics() {
            let log = Log::default();
            let node = factory::<Plain>(&log).await;
            let address = node.addr::<Worker>().unwrap();
            emit(&node.client(), Kind::Sync, 10, "ok");
            let (first, failed, last) = futures::join!(
                ask_address(&address, Kind::Sync, 1, "ok"),
                ask_address(&address, kind, 2, does),
                ask_address(&address, Kind::Sync, 3, "ok"),
            );
            let what = format!("{kind:?} that does {does}: {:?}", log.lines());
            assert!(matches!(failed, Err(MailboxError::Closed)), "{what}");
            assert_eq!((first, last), (Ok(Ok(1)), Ok(Ok(3))), "{what}");
            assert!(address.connected() && address == node.addr::<Worker>().unwrap(), "{what}");
            assert_eq!(ask_address(&address, kind, 4, "ok").await, Ok(Ok(4)), "{what}");
            assert!(log.has("handled 4 by 1"), "a fresh instance: {what}");
            assert_eq!(restarts(&node), 1, "{what}");
            until("the event is handled", || node.stats().total().handled == 1).await;
        }
    }
}

#[actix::test]
async fn a_response_future_is_a_task_of_its_own_and_restarts_nothing() {
    for does in &Kind::Future.panics()[1..] {
        let log = Log::default();
        let node = factory::<Plain>(&log).await;
        let address = node.addr::<Worker>().unwrap();
        let failed = ask_address(&address, Kind::Future, 1, does).await;
        assert!(matches!(failed, Err(MailboxError::Closed)), "{failed:?}");
        assert_eq!(ask_address(&address, Kind::Future, 2, "ok").await, Ok(Ok(2)));
        assert!(log.has("handled 2 by 0"), "actix ran it beside the actor, which knows nothing of it");
        assert_eq!(restarts(&node), 0);
    }
}

#[actix::test]
async fn a_value_goes_on_as_the_same_instance() {
    let log = Log::default();
    let node = value::<Plain>(&log).await;
    let address = node.addr::<Worker>().unwrap();
    assert!(ask_address(&address, Kind::Sync, 1, "panic").await.is_err());
    assert_eq!(ask_address(&address, Kind::Sync, 2, "ok").await, Ok(Ok(2)));
    let expected = ["started 0", "begun 1", "restarting 0", "started 0", "begun 2", "handled 2 by 0"];
    assert_eq!(log.lines(), expected);
}

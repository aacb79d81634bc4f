//! A panic in a message handler that the client reached is told to its sender by name; the requests and messages beside
//! it are answered.

use crate::support::*;
use nestling::prelude::*;

#[actix::test]
async fn the_sender_is_told_and_the_others_are_answered() {
    for kind in Kind::ALL {
        for does in kind.panics() {
            let log = Log::default();
            let node = factory::<Plain>(&log).await;
            let (client, address) = (node.client(), node.addr::<Worker>().unwrap());
            let (first, failed, last, mail) = futures::join!(
                ask(&client, kind, 1, "ok"),
                ask(&client, kind, 2, does),
                ask(&client, kind, 3, "ok"),
                ask_address(&address, kind, 4, "ok"),
            );
            let what = format!("{kind:?} that does {does}: {:?}", log.lines());
            assert_eq!((first, last), (Ok(1), Ok(3)), "{what}");
            // What actix itself drives in the actor's context does not survive a restart.
            let cut_off = matches!(kind, Kind::Act | Kind::Atomic) && mail.is_err();
            assert!(mail == Ok(Ok(4)) || cut_off, "{what}");
            let Err(RequestError::Panicked { pattern, service, message }) = failed else {
                panic!("{what}: {failed:?}")
            };
            assert_eq!((service.as_str(), message.as_str()), ("worker", "2 does panic"));
            assert_eq!(pattern, format!("ask.{}", format!("{kind:?}").to_lowercase()));
            assert_eq!(restarts(&node), 1, "{what}");
            assert!(address.connected(), "{what}");
            assert_eq!(ask(&client, kind, 5, "ok").await, Ok(5), "{what}");
            assert!(log.has("handled 5 by 1"), "a fresh instance: {what}");
            let requests = node.stats().service("worker").unwrap().requests;
            assert_eq!((requests.received, requests.answered, requests.unanswered), (4, 3, 1), "{what}");
            assert_eq!((requests.queued, requests.in_flight), (0, 0), "{what}");
        }
    }
}

#[actix::test]
async fn an_error_of_the_handlers_own_is_an_answer_and_restarts_nothing() {
    for kind in Kind::ALL {
        let log = Log::default();
        let node = factory::<Plain>(&log).await;
        assert_eq!(ask(&node.client(), kind, 1, "err").await, Err(RequestError::Handler(Refused)));
        assert_eq!(restarts(&node), 0);
    }
}

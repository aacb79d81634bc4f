//! `handler_error`: the handler returned an error, and its retries are spent.

use std::num::ParseIntError;

use nestling::prelude::*;

use crate::support::{MailDue, check, node, only};

#[derive(Debug, thiserror::Error)]
#[error("mail {0} cannot be sent")]
struct NotSent(u32, #[source] ParseIntError);

#[actix::test]
async fn after_its_last_attempt() {
    let node = node().start().await.unwrap();
    let retry = Retry::exponential(2).first_delay(Duration::from_millis(4)).jitter(false);
    let options = SubscribeOptions::new().name("mail").retry(retry);
    let _mail = node.subscribe::<MailDue>(options, async |mail: Delivery<MailDue>| {
        Err(NotSent(mail.n, "x".parse::<u32>().unwrap_err()).into())
    });
    let client = node.client().header("tenant", "acme").header(nestling::TRACEPARENT, "00-0af7-b7ad-01");
    client.correlation("purchase-7").emit(MailDue { n: 7 });

    let letter = only(&node).await;
    check(&letter, Reason::HandlerError, 3);
    assert_eq!((letter.service.as_str(), letter.subscription.as_str()), ("mail", "mail.due"));
    assert_eq!((letter.route.as_str(), letter.payload.get()), ("mail.due", r#"{"n":7}"#));
    assert!(letter.error_type.ends_with("NotSent"), "{}", letter.error_type);
    assert_eq!(letter.error_message, "mail 7 cannot be sent");
    assert_eq!(letter.error_chain, ["invalid digit found in string"]);
    assert_eq!(letter.panic_location, None);
    let delays: Vec<_> = letter.attempt_log.iter().map(|attempt| attempt.delay.as_millis()).collect();
    assert_eq!(delays, [4, 8, 0], "each failed attempt, and how long was waited then");
    assert!(letter.attempt_log.iter().all(|attempt| attempt.error == "mail 7 cannot be sent"));
    assert_eq!(letter.headers["tenant"], "acme");
    assert_eq!(letter.traceparent.as_deref(), Some("00-0af7-b7ad-01"));
    assert_eq!(letter.correlation_id, Id::from("purchase-7"));
    assert_eq!(letter.causation_id, None);
    let ledger = node.stats().subscription("mail", "mail.due").unwrap();
    assert_eq!((ledger.delivered, ledger.dead_lettered, ledger.retried), (1, 1, 2));
}

#[actix::test]
async fn a_permanent_one_skips_its_retries() {
    let node = node().start().await.unwrap();
    let options = SubscribeOptions::new().name("mail").retry(Retry::immediate(5));
    let _mail = node.subscribe::<MailDue>(options, async |_| {
        Err(EventError::permanent(EventError::msg("no such address")))
    });
    node.client().emit(MailDue { n: 1 });
    let letter = only(&node).await;
    check(&letter, Reason::HandlerError, 1);
    assert_eq!(letter.error_message, "no such address");
}

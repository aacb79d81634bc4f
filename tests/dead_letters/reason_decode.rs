//! `decode`: the payload does not fit the subscriber's type.

use nestling::prelude::*;
use serde_json::json;

use crate::support::{MailDue, check, node, only};

#[actix::test]
async fn names_the_type_and_the_problem() {
    let node = node().start().await.unwrap();
    let options = SubscribeOptions::new().name("mail").retry(Retry::immediate(3));
    let _mail = node.subscribe::<MailDue>(options, async |_| Ok(()));
    node.client().emit_json("mail.due", json!({ "n": "seven", "more": [1.0, 1e300] }));
    let letter = only(&node).await;
    check(&letter, Reason::Decode, 1);
    assert_eq!(letter.payload.get(), r#"{"more":[1.0,1e+300],"n":"seven"}"#);
    assert!(
        letter.error_message.contains("MailDue") && letter.error_message.contains("seven"),
        "{}",
        letter.error_message
    );
    assert_eq!((letter.service.as_str(), letter.subscription.as_str()), ("mail", "mail.due"));
}

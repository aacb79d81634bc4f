//! `encode`: the payload cannot be serialised: by a subscriber that has to read it as JSON, or for the record.

use nestling::prelude::*;

use crate::support::{check, idle, letters, node};

#[derive(Debug, Clone)]
struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it has no text"))
    }
}
impl<'de> Deserialize<'de> for Unwritable {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("secret.told")]
struct Told {
    secret: Unwritable,
}

/// The same route, as somebody else reads it.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("secret.told")]
struct Heard {}

#[actix::test]
async fn for_a_subscriber_that_reads_json_and_for_the_record() {
    let node = node().dead_letter_unsubscribed(true).start().await.unwrap();
    // Nobody subscribes yet: it is to be kept, and cannot be.
    node.client().emit(Told { secret: Unwritable });
    idle(&node).await;
    let same = node.subscribe::<Told>(SubscribeOptions::new().name("same"), async |_| Ok(()));
    let _other = node.subscribe::<Heard>(SubscribeOptions::new().name("other"), async |_| Ok(()));
    node.client().emit(Told { secret: Unwritable });
    idle(&node).await;
    assert_eq!(same.stats().handled, 1, "who takes the type itself needs no JSON");
    let letters = letters(&node, Filter::new()).await;
    assert_eq!(letters.iter().map(|it| it.service.as_str()).collect::<Vec<_>>(), ["", "other"]);
    for (letter, attempts) in letters.iter().zip([0, 1]) {
        check(letter, Reason::Encode, attempts);
        assert_eq!(letter.payload.get(), "null");
        assert!(letter.error_message.contains("it has no text"), "{}", letter.error_message);
    }
}

//! A node does not start when its services' declarations do not fit together, and its error names all that is wrong.

use nestling::prelude::*;
use nestling::{EventKind, MessageKind, Pattern};

use crate::support::Refused;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "check", alias = "check", response = u32, error = Refused)]
struct Check;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("check", response = u32, error = Refused)]
struct CheckToo;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("checked")]
struct Checked;

/// Patterns written by hand, which no derive has checked.
macro_rules! by_hand {
    ($name:ident: $patterns:expr, $kind:ty, $result:ty) => {
        #[derive(Debug, Clone, Serialize, Deserialize)]
        struct $name;
        impl actix::Message for $name {
            type Result = $result;
        }
        impl Pattern for $name {
            type Kind = $kind;
            const PATTERNS: &'static [&'static str] = $patterns;
        }
    };
}
by_hand!(BadMessage: &[r#""a b""#, r#""fine""#, "{", r#""x.*""#], MessageKind, Result<u32, Refused>);
impl MessagePattern for BadMessage {
    type Response = u32;
    type Error = Refused;
}
by_hand!(BadEvent: &[r#""$mine""#], EventKind, Result<(), EventError>);
impl EventPattern for BadEvent {}
by_hand!(NoPattern: &[], EventKind, Result<(), EventError>);
impl EventPattern for NoPattern {}

macro_rules! service {
    ($name:ident $text:literal |$patterns:ident| $declare:expr) => {
        struct $name;
        impl Actor for $name {
            type Context = Context<Self>;
        }
        impl Supervised for $name {}
        impl Service for $name {
            const NAME: &'static str = $text;
            fn patterns($patterns: &mut Patterns<Self>) {
                $declare;
            }
        }
        impl<M: nestling::MessagePattern<Response = u32, Error = Refused>> Handler<M> for $name {
            type Result = Result<u32, Refused>;
            fn handle(&mut self, _: M, _: &mut Context<Self>) -> Self::Result {
                Ok(1)
            }
        }
    };
}

service!(Left "left" |patterns| patterns.message::<Check>());
service!(Right "right" |patterns| patterns.message::<CheckToo>().message::<Check>());
service!(Namesake "left" |patterns| patterns.message::<CheckToo>());
service!(Broken "broken" |patterns| patterns.message::<BadMessage>());

struct Listener;
impl Actor for Listener {
    type Context = Context<Self>;
}
impl Supervised for Listener {}
impl Service for Listener {
    const NAME: &'static str = "listener";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Checked>().event::<Checked>();
        patterns.event::<BadEvent>().event::<NoPattern>();
        patterns.matching("a..b").matching("order.>").matching("order.>");
    }
}
impl Handler<AnyEvent> for Listener {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}
macro_rules! listens {
    ($($event:ty),+) => {$(
        impl Handler<$event> for Listener {
            type Result = Result<(), EventError>;
            fn handle(&mut self, _: $event, _: &mut Context<Self>) -> Self::Result {
                Ok(())
            }
        }
    )+};
}
listens!(Checked, BadEvent, NoPattern);

async fn problems(builder: nestling::NodeBuilder) -> Vec<String> {
    let error = builder.start().await.unwrap_err();
    let text = error.to_string();
    let StartError::Patterns { node, problems } = error else { panic!("{error:?}") };
    assert_eq!(node, "test");
    assert!(problems.iter().all(|problem| text.contains(problem)), "{text}");
    problems
}

/// Each of `wanted` is in a problem of its own, and there is no other.
fn assert_problems(problems: &[String], wanted: &[&[&str]]) {
    for words in wanted {
        let found = problems.iter().filter(|problem| words.iter().all(|word| problem.contains(word))).count();
        assert_eq!(found, 1, "{words:?} in {problems:#?}");
    }
    assert_eq!(problems.len(), wanted.len(), "{problems:#?}");
}

#[actix::test]
async fn two_services_claim_one_message_and_one_lists_it_twice() {
    let problems = problems(Node::builder("test").service(Left).service(Right)).await;
    assert_problems(
        &problems,
        &[
            &["service `right` lists message pattern `check` twice"],
            &["`left` and `right` both claim message pattern `check`"],
            &["`left` and `right` both claim message pattern `{\"cmd\":\"check\"}`"],
        ],
    );
}

#[actix::test]
async fn two_services_of_one_name() {
    let builder = Node::builder("test").service(Left).service(Namesake);
    assert_problems(
        &problems(builder).await,
        &[&["two services are named `left`"], &["`left` and `left` both claim message pattern `check`"]],
    );
    let builder = Node::builder("test").service(Left).service(Left);
    assert_problems(&problems(builder).await, &[&["two services are named `left`"]]);
}

#[actix::test]
async fn patterns_that_are_none_and_subscriptions_made_twice() {
    let problems = problems(Node::builder("test").service(Broken).service(Listener)).await;
    assert_problems(
        &problems,
        &[
            &["service `broken`", "BadMessage", "no white space"],
            &["service `broken`", "BadMessage", "`{` is not JSON"],
            &["service `broken`", "BadMessage", "`*` is a wildcard"],
            &["service `listener`", "BadEvent", "the node's own"],
            &["service `listener`", "NoPattern", "has no pattern"],
            &["service `listener`", "`a..b` has an empty token"],
            &["service `listener` lists event pattern `checked` twice"],
            &["service `listener` matches `order.>` twice"],
        ],
    );
}

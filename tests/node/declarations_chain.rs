//! Declarations chain, in any order and without a warning: of messages, of events, of the service.
#![deny(warnings)]

use nestling::prelude::*;

use crate::support::Never;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "ask", response = u32, error = Never)]
struct Ask;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "ask_again", response = u32, error = Never)]
struct AskAgain;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("asked")]
struct Asked;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("answered")]
struct Answered;

struct Everything;
impl Actor for Everything {
    type Context = Context<Self>;
}
impl Supervised for Everything {}
impl Service for Everything {
    const NAME: &'static str = "everything";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns
            .message::<Ask>()
            .message::<AskAgain>()
            .timeout(Duration::from_secs(2))
            .event::<Asked>()
            .retry(Retry::exponential(3))
            .timeout(Duration::from_secs(1))
            .event::<Delivery<Answered>>()
            .concurrency(4)
            .lane_capacity(100)
            .matching("nothing.>")
            .lane()
            .restart_on(RestartOn::Panic)
            .restart_backoff(Backoff::default())
            .max_restarts(3, Duration::from_secs(60))
            .capacity(500)
            .request_capacity(50);
        patterns.matching("none.*").retry(Retry::immediate(1));
        patterns.capacity(1_000);
    }
}
macro_rules! handles {
    ($($taken:ty => $result:ty = $value:expr;)+) => {$(
        impl Handler<$taken> for Everything {
            type Result = $result;
            fn handle(&mut self, _: $taken, _: &mut Context<Self>) -> Self::Result {
                $value
            }
        }
    )+};
}
handles! {
    Ask => Result<u32, Never> = Ok(1);
    AskAgain => Result<u32, Never> = Ok(2);
    Asked => Result<(), EventError> = Ok(());
    Delivery<Answered> => Result<(), EventError> = Ok(());
    AnyEvent => Result<(), EventError> = Ok(());
}

#[actix::test]
async fn and_all_of_them_count() {
    let node = Node::builder("test").service(Everything).start().await.unwrap();
    assert_eq!((node.client().send(Ask).await, node.client().send(AskAgain).await), (Ok(1), Ok(2)));
    node.client().emit(Asked);
    node.client().emit(Answered);
    let report = node.shutdown(Duration::from_secs(5)).await;
    let patterns: Vec<_> =
        report.stats.subscriptions().map(|it| (it.pattern.as_str(), it.ledger.handled)).collect();
    assert_eq!(patterns, [("asked", 1), ("answered", 1), ("nothing.>", 0), ("none.*", 0)]);
}

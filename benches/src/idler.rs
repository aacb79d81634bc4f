//! Supervised services with three subscriptions each and nothing to do.

use nestling::prelude::*;

/// An event that nobody emits.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("idle.first")]
pub struct First;

/// Another.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("idle.second")]
pub struct Second;

/// A third.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("idle.third")]
pub struct Third;

#[derive(Service)]
#[service("idler", events(First, Second, Delivery<Third>))]
struct Idler;

macro_rules! ignore {
    ($($event:ty),+) => {
        $(impl Handler<$event> for Idler {
            type Result = Result<(), EventError>;

            fn handle(&mut self, _: $event, _: &mut Context<Self>) -> Self::Result {
                Ok(())
            }
        })+
    };
}

ignore!(First, Second, Delivery<Third>);

/// Starts a node with so many of them.
///
/// # Panics
///
/// If the node does not start.
pub async fn start(count: usize) -> Node {
    let named = |node: nestling::NodeBuilder, index| node.service_named(format!("idler-{index}"), Idler);
    (0..count).fold(Node::builder("bench"), named).start().await.expect("the node starts")
}

//! What a service with three subscriptions and nothing to do holds of the heap.

use nestling::prelude::*;
use stats_alloc::Region;

use crate::{ALLOCATOR, alone};

/// Enough that what they share does not show.
const COUNT: isize = 1_000;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("idle.first")]
struct First;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("idle.second")]
struct Second;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("idle.third")]
struct Third;

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

#[actix::test]
async fn an_idle_service_takes_less_than_4_kib() {
    let _turn = alone().await;
    let region = Region::new(ALLOCATOR);
    let named = |node: nestling::NodeBuilder, index| node.service_named(format!("idler-{index}"), Idler);
    let node = (0..COUNT).fold(Node::builder("test"), named).start().await.unwrap();
    // One event each, so that all have run, and nothing of their start is left.
    node.client().emit_confirmed(First).await.unwrap();
    while node.stats().total().handled < COUNT as u64 {
        tokio::task::yield_now().await;
    }
    let change = region.change();
    let bytes = (change.bytes_allocated as isize - change.bytes_deallocated as isize) / COUNT;
    assert!((500..4_096).contains(&bytes), "{bytes} bytes");
    node.shutdown(Duration::from_secs(5)).await;
}

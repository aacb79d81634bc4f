//! `#[derive(Service)]` writes all that the plain case needs: messages, events, deliveries, a name.

use nestling::prelude::*;

use crate::support::{Never, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "total", response = u64, error = Never)]
struct Total;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("paid")]
struct Paid {
    cents: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("refunded")]
struct Refunded {
    cents: u64,
}

#[derive(Default, Service)]
#[service("till", messages(Total), events(Paid, Delivery<Refunded>))]
struct Till {
    cents: u64,
}
impl Handler<Total> for Till {
    type Result = Result<u64, Never>;
    fn handle(&mut self, _: Total, _: &mut Context<Self>) -> Self::Result {
        Ok(self.cents)
    }
}
impl Handler<Paid> for Till {
    type Result = Result<(), EventError>;
    fn handle(&mut self, paid: Paid, _: &mut Context<Self>) -> Self::Result {
        self.cents += paid.cents;
        Ok(())
    }
}
impl Handler<Delivery<Refunded>> for Till {
    type Result = Result<(), EventError>;
    fn handle(&mut self, refunded: Delivery<Refunded>, _: &mut Context<Self>) -> Self::Result {
        self.cents -= refunded.cents;
        Ok(())
    }
}

#[actix::test]
async fn as_one_written_by_hand() {
    assert_eq!(Till::NAME, "till");
    let node = Node::builder("shop").service(Till::default()).start().await.unwrap();
    node.client().emit(Paid { cents: 500 });
    node.client().emit(Refunded { cents: 20 });
    until(|| node.stats().total().handled == 2).await;
    assert_eq!(node.client().send(Total).await, Ok(480));
}

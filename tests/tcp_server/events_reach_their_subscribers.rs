//! Events from the wire go through the registry: to every subscriber, in the order in which their connection sent them.

use nestling::prelude::*;
use nestling::{AnyEvent, Tcp};

use crate::support::{Log, Peer, frame, node, until};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    n: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern(cmd = "paid")]
struct Paid {
    n: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern(7)]
struct Seven(Option<u32>);

#[derive(Service)]
#[service("clerk", events(OrderCreated, Paid, Seven))]
struct Clerk(Log);

impl Handler<OrderCreated> for Clerk {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: OrderCreated, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("created {}", event.n));
        Ok(())
    }
}

impl Handler<Paid> for Clerk {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, event: Paid, _: &mut Context<Self>) -> Self::Result {
        let log = self.0.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            log.push(format!("paid {}", event.n));
            Ok(())
        })
    }
}

impl Handler<Seven> for Clerk {
    type Result = Result<(), EventError>;
    fn handle(&mut self, Seven(number): Seven, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("seven {number:?}"));
        Ok(())
    }
}

struct Audit(Log);
impl Actor for Audit {
    type Context = Context<Self>;
}
impl Supervised for Audit {}
impl Service for Audit {
    const NAME: &'static str = "audit";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.matching(">");
    }
}
impl Handler<AnyEvent> for Audit {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        self.0.push(event.route().to_string());
        Ok(())
    }
}

#[actix::test]
async fn all_of_them_and_in_order() {
    let (clerk, audit) = (Log::default(), Log::default());
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Clerk(clerk.clone())).service(Audit(audit.clone())).start().await.unwrap();
    let mut peer = Peer::to(&node).await;
    let (mut bytes, mut expected) = (Vec::new(), Vec::new());
    for n in 0..300 {
        bytes.extend(frame(&format!(r#"{{"pattern":"order.created","data":{{"n":{n}}}}}"#)));
        bytes.extend(frame(&format!(r#"{{"pattern":"{{\"cmd\":\"paid\"}}","data":{{"n":{n}}}}}"#)));
        expected.extend([format!("created {n}"), format!("paid {n}")]);
    }
    peer.write(bytes).await;
    // A peer that closes has still sent them.
    drop(peer);
    until("all are handled", || clerk.len() == 600 && audit.len() == 600).await;
    assert_eq!(clerk.lines(), expected);
    assert_eq!(audit.lines()[..2], ["order.created", r#"{"cmd":"paid"}"#]);
}

#[actix::test]
async fn in_every_form_of_their_patterns() {
    let clerk = Log::default();
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Clerk(clerk.clone())).start().await.unwrap();
    let mut peer = Peer::to(&node).await;
    for event in [
        r#"{"pattern":7,"data":1}"#,
        r#"{"pattern":"7","data":2}"#,
        r#"{"pattern":7.0,"data":null}"#,
        r#"{"pattern":7}"#,
        r#"{"pattern":{"cmd":"paid"},"data":{"n":1}}"#,
        r#"{"data":{"n":2},"pattern":"{ \"cmd\" : \"paid\" }"}"#,
    ] {
        peer.send(event).await;
    }
    until("all are handled", || clerk.len() == 6).await;
    assert_eq!(
        clerk.lines(),
        ["seven Some(1)", "seven Some(2)", "seven None", "seven None", "paid 1", "paid 2"]
    );
}

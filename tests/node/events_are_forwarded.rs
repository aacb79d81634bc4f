//! Events are sent on to a peer beside the subscribers of their own node, under the same id and correlation, in their
//! order. What the peer cannot be sent is a dead letter with reason `unreachable`, which can be replayed.

use nestling::prelude::*;
use nestling::{ReplayOptions, Tcp, TcpClient};

use crate::support::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated(u32);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern({ "ev": "order.paid" })]
struct OrderPaid(u32);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.whispered", internal)]
struct OrderWhispered;

struct Witness(Log);
impl Actor for Witness {
    type Context = Context<Self>;
}
impl Supervised for Witness {}
impl Service for Witness {
    const NAME: &'static str = "witness";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<OrderCreated>>().event::<Delivery<OrderPaid>>();
    }
}
impl Handler<Delivery<OrderCreated>> for Witness {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: Delivery<OrderCreated>, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("created {} {} {}", event.0, event.id(), event.correlation_id()));
        Ok(())
    }
}
impl Handler<Delivery<OrderPaid>> for Witness {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: Delivery<OrderPaid>, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("paid {} {} {}", event.0, event.id(), event.correlation_id()));
        Ok(())
    }
}

async fn far(log: &Log) -> Node {
    Node::builder("far").service(Witness(log.clone())).listen(Tcp::port(0)).start().await.unwrap()
}

#[actix::test]
async fn beside_local_subscribers_in_order_and_under_the_same_id() {
    let (here, there) = (Log::default(), Log::default());
    let far = far(&there).await;
    let peer = TcpClient::connect(far.listening()[0].to_string());
    let near = Node::builder("near")
        .service(Witness(here.clone()))
        .forward::<OrderCreated>(&peer)
        .forward::<OrderPaid>(&peer)
        .start()
        .await
        .unwrap();
    let client = near.client().correlation("journey");
    for n in 0..500 {
        client.emit(OrderCreated(n));
        client.emit(OrderPaid(n));
    }
    until(|| there.lines().len() == 1_000 && here.lines().len() == 1_000).await;
    assert_eq!(there.lines(), here.lines());
    assert!(here.lines()[0].ends_with(" journey"), "{}", here.lines()[0]);
    let stats = near.stats();
    let name = format!("forward to {}", peer.name());
    assert_eq!(stats.subscription(&name, "order.created").unwrap().handled, 500);
    assert!(stats.balances() && far.stats().balances());
}

#[actix::test]
async fn what_cannot_be_sent_waits_and_then_is_a_dead_letter_that_can_be_replayed() {
    let there = Log::default();
    let far_node = far(&there).await;
    let address = far_node.listening()[0];
    far_node.shutdown(Duration::from_secs(1)).await;
    let peer = TcpClient::connect(address.to_string());
    let near = Node::builder("near").forward::<OrderCreated>(&peer).start().await.unwrap();
    for n in 0..10_300 {
        near.client().emit(OrderCreated(n));
    }
    until(|| near.stats().registry_backlog == 0 && near.stats().total().dead_lettered > 0).await;
    let far = Node::builder("far").service(Witness(there.clone())).listen(Tcp::address(address));
    let far = far.start().await.unwrap();
    until(|| near.stats().total().queued + near.stats().total().in_flight == 0).await;
    let letters = letters(&near).await;
    assert!(letters.iter().all(|letter| letter.reason == Reason::Unreachable), "{letters:?}");
    let sent = near.stats().total();
    assert_eq!(sent.handled + sent.dead_lettered, 10_300);
    let report = near.dead_letters().replay_matching(Filter::new(), ReplayOptions::new()).await;
    assert_eq!((report.handled, report.failed), (sent.dead_lettered, 0), "{report:?}");
    until(|| there.lines().len() == 10_300).await;
    assert!(near.stats().balances() && far.stats().balances());
}

#[actix::test]
async fn what_is_left_at_the_end_is_a_dead_letter() {
    let peer = TcpClient::connect("127.0.0.1:1");
    let near = Node::builder("near").forward::<OrderCreated>(&peer).start().await.unwrap();
    for n in 0..300 {
        near.client().emit(OrderCreated(n));
    }
    until(|| near.stats().total().in_flight > 0).await;
    let report = near.shutdown(Duration::from_millis(50)).await;
    let total = report.stats.total();
    assert_eq!((report.drained, total.dead_lettered, total.handled), (false, 300, 0), "{report:?}");
    assert!(report.stats.balances());
}

#[actix::test]
async fn an_internal_event_cannot_be_forwarded() {
    let peer = TcpClient::connect("127.0.0.1:1");
    let error = Node::builder("near").forward::<OrderWhispered>(&peer).start().await.unwrap_err().to_string();
    assert!(error.contains("OrderWhispered") && error.contains("internal"), "{error}");
}

//! Wildcards are the server's own: what they match comes, with its route, its metadata and its payload; what servers and
//! clients say to each other does not.

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Created, Double, Paid, Seen, caller, connected, desk, settled, soon, until};

struct Audit(Seen);
impl Actor for Audit {
    type Context = Context<Self>;
}
impl Supervised for Audit {}
impl Service for Audit {
    const NAME: &'static str = "audit";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.matching("order.*").matching(">");
    }
}
impl Handler<AnyEvent> for Audit {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        let tenant = event.metadata().header("tenant").unwrap_or("none");
        self.0.push(format!("{} {} {tenant}", event.route(), event.json()?));
        Ok(())
    }
}

#[actix::test]
async fn what_they_match_comes() {
    let server = NatsServer::start();
    let (_shop, _) = desk("shop", &server).await;
    let seen = Seen::default();
    let node = connected("audit", &server).service(Audit(seen.clone())).start().await.unwrap();
    let caller = caller(&server).await;
    settled(&node).await;
    let client = caller.client().header("tenant", "acme");
    client.emit(Created(1));
    client.emit(Paid { order: 2 });
    client.emit_json("order.deep.down", "x");
    // Requests, and their answers, are no events.
    assert_eq!(soon("a request", client.send(Double(4))).await, Ok(8));
    settled(&caller).await;
    until("all came", || seen.lines().iter().filter(|line| line.starts_with("order.")).count() >= 5).await;
    let mut lines = seen.lines();
    lines.retain(|line| !line.starts_with("test.settled"));
    lines.sort();
    assert_eq!(
        lines,
        [
            "order.created 1 acme",
            "order.created 1 acme",
            r#"order.deep.down "x" acme"#,
            r#"order.paid {"order":2} acme"#,
            r#"order.paid {"order":2} acme"#,
        ]
    );
    assert_eq!(node.stats().total().dead_lettered, 0);
}

//! Servers of one cluster: nodes on different ones reach each other, and when one server goes, its nodes go on at
//! another.

use std::time::Duration;

use nestling::Nats;
use nestling::prelude::*;

use crate::nats_server::{NatsServer, free_port};
use crate::support::{Created, Desk, Double, Seen, soon, until};

/// Asks until it is answered: servers tell each other in their own time what their clients subscribe to, and what is on
/// its way when a server dies is lost.
async fn answered(caller: &Node) {
    let within = Duration::from_millis(500);
    while caller.client().send(Double(2)).timeout(within).await != Ok(4) {
        tokio::task::yield_now().await;
    }
}

#[actix::test]
async fn nodes_go_on_at_another_server() {
    let (one, other) = (free_port(), free_port());
    let member = |own, other| {
        NatsServer::with(&format!(
            "cluster {{ name: both, listen: \"127.0.0.1:{own}\", routes: [\"nats://127.0.0.1:{other}\"] }}\n"
        ))
    };
    let mut servers = [member(one, other), member(other, one)];
    let nats = Nats::urls(servers.iter().map(NatsServer::url));
    let seen = Seen::default();
    let desk = Node::builder("shop").connect(nats.clone()).service(Desk(seen.clone()));
    let _desk = desk.start().await.unwrap();
    let caller = Node::builder("caller").connect(nats).start().await.unwrap();
    soon("an answer", answered(&caller)).await;
    // One of these is on another server than the service.
    for server in &servers {
        let there = crate::support::caller(server).await;
        soon("an answer by either server", answered(&there)).await;
    }
    for server in &mut servers {
        server.kill();
        soon("an answer by the other server", answered(&caller)).await;
        let before = seen.len();
        until("an event by the other server", || {
            caller.client().emit(Created(7));
            seen.len() > before
        })
        .await;
        server.begin();
    }
}

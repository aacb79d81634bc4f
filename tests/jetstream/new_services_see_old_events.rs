//! A service gets what was emitted before it was there; a subscriber without a name what comes while it is.

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Log, Made, jobs, named, shop, until};

#[actix::test]
async fn from_the_stream() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    for n in 0..50 {
        node.client().emit_confirmed(Made(n)).await.unwrap();
    }
    node.shutdown(Duration::from_secs(5)).await;
    let node = shop(&server, jobs()).start().await.unwrap();
    let mut all = Vec::new();
    for name in ["one", "another"] {
        let log = Log::default();
        all.push(log.clone());
        let options = named(name);
        node.subscribe::<Made>(options, async move |made: Delivery<Made>| {
            log.push(made.0);
            Ok(())
        })
        .keep();
    }
    until("both have all", || all.iter().all(|log| log.len() == 50)).await;
    assert!(all.iter().all(|log| log.all() == (0..50).collect::<Vec<_>>()));
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn unless_it_has_no_name() {
    let server = NatsServer::jetstream();
    let node = shop(&server, jobs()).start().await.unwrap();
    node.client().emit_confirmed(Made(1)).await.unwrap();
    let log = Log::default();
    let seen = log.clone();
    let subscription = node.subscribe::<Made>(SubscribeOptions::new(), async move |made: Delivery<Made>| {
        log.push(made.0);
        Ok(())
    });
    // It was subscribed over the node's connection, and events are published over another.
    node.client().emit_confirmed(Elsewhere).await.unwrap();
    node.client().emit_confirmed(Made(2)).await.unwrap();
    until("it has what came", || seen.len() == 1).await;
    assert_eq!((seen.all(), subscription.stats().handled), (vec![2], 1));
    node.shutdown(Duration::from_secs(5)).await;
}

/// No stream takes it.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("elsewhere")]
struct Elsewhere;

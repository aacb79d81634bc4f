//! An event reaches each service once, whichever of its instances takes it, or every instance where the subscription says
//! so; and it takes one path, so that nobody handles it twice.

use std::time::Duration;

use nestling::SubscribeOptions;
use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Cleared, Created, KeptHere, Paid, Seen, caller, connected, desk, settled, soon, until};

#[actix::test]
async fn one_of_a_services_instances() {
    let server = NatsServer::start();
    let (one, seen_by_one) = desk("shop", &server).await;
    let (other, seen_by_other) = desk("shop", &server).await;
    let caller = caller(&server).await;
    for n in 0..200 {
        caller.client().emit(Created(n));
    }
    until("all are handled", || seen_by_one.len() + seen_by_other.len() >= 200).await;
    // Whatever is still on its way would be one too many.
    settled(&caller).await;
    settled(&one).await;
    settled(&other).await;
    let mut all = [seen_by_one.lines(), seen_by_other.lines()].concat();
    all.sort();
    all.dedup();
    assert_eq!((all.len(), seen_by_one.len() + seen_by_other.len()), (200, 200));
    assert!(seen_by_one.len() > 0 && seen_by_other.len() > 0, "they share the load");
    assert_eq!((one.stats().total().handled + other.stats().total().handled), 200);
}

#[actix::test]
async fn and_every_one_where_it_says_so() {
    let server = NatsServer::start();
    let (_one, seen_by_one) = desk("shop", &server).await;
    let (_other, seen_by_other) = desk("shop", &server).await;
    let caller = caller(&server).await;
    for n in 0..50 {
        caller.client().emit(Cleared(n));
    }
    let wanted: Vec<_> = (0..50).map(|n| format!("cleared {n}")).collect();
    for seen in [seen_by_one, seen_by_other] {
        until("all came", || seen.len() >= 50).await;
        assert_eq!(seen.lines(), wanted);
    }
}

#[actix::test]
async fn two_applications_do_not_steal_from_each_other() {
    let server = NatsServer::start();
    let (_shop, seen_by_shop) = desk("shop", &server).await;
    let (_audit, seen_by_audit) = desk("audit", &server).await;
    let caller = caller(&server).await;
    for n in 0..50 {
        caller.client().emit(Created(n));
    }
    until("both have all", || seen_by_shop.len() >= 50 && seen_by_audit.len() >= 50).await;
    assert_eq!((seen_by_shop.lines(), 50), (seen_by_audit.lines(), seen_by_shop.len()));
}

#[actix::test]
async fn the_nodes_own_subscribers_get_it_once_and_from_there() {
    let server = NatsServer::start();
    let (node, seen) = desk("shop", &server).await;
    let client = node.client();
    for n in 0..100 {
        client.emit(Created(n));
    }
    client.emit_confirmed(Paid { order: 7 }).await.unwrap();
    until("all came", || seen.len() >= 101).await;
    settled(&node).await;
    let created: Vec<_> = seen.lines().into_iter().filter(|line| line.starts_with("created")).collect();
    // The order of one subject.
    assert_eq!(created, (0..100).map(|n| format!("created {n}")).collect::<Vec<_>>());
    assert_eq!(seen.len(), 101);
    let stats = node.stats();
    // Those of the tests themselves are two.
    assert_eq!((stats.emitted, stats.registry_backlog), (103, 0));
    assert!(stats.balances());
}

#[actix::test]
async fn what_is_internal_stays_and_so_do_the_nodes_own() {
    let server = NatsServer::start();
    let (node, seen) = desk("shop", &server).await;
    let (_twin, seen_by_twin) = desk("shop", &server).await;
    let audit = Seen::default();
    let heard = audit.clone();
    let twin = connected("shop", &server).start().await.unwrap();
    let _watching = twin.subscribe::<nestling::ServiceStarted>(SubscribeOptions::new(), async move |event| {
        heard.push(event.service.clone());
        Ok(())
    });
    let raw = crate::support::raw(&server).await;
    let mut everything = raw.subscribe(">").await.unwrap();
    raw.flush().await.unwrap();
    for n in 0..20 {
        node.client().emit(KeptHere(n));
    }
    node.client().emit_json("kept.here", 20);
    node.client().emit_confirmed(KeptHere(21)).await.unwrap();
    until("they came", || seen.len() >= 22).await;
    let (_third, _) = desk("third", &server).await;
    settled(&node).await;
    assert_eq!((seen.len(), seen_by_twin.len()), (22, 0));
    assert!(!audit.lines().contains(&"desk".to_owned()), "the third node's own events are its own");
    // Nor is it taken from outside.
    raw.publish("kept.here", "{\"pattern\":\"kept.here\",\"data\":9}".into()).await.unwrap();
    raw.flush().await.unwrap();
    settled(&node).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(seen.len(), 22);
    let mut subjects = Vec::new();
    while let Ok(Some(message)) =
        tokio::time::timeout(Duration::from_millis(50), futures::StreamExt::next(&mut everything)).await
    {
        if !message.subject.starts_with("_INBOX.") {
            subjects.push(message.subject.to_string());
        }
    }
    subjects.retain(|subject| subject != "test.settled");
    assert_eq!(subjects, ["kept.here"], "all that was on the wire is what the raw peer sent");
}

#[actix::test]
async fn subscriptions_at_run_time() {
    let server = NatsServer::start();
    let (one, other) = (caller(&server).await, caller(&server).await);
    let named = Seen::default();
    let subscribe = |node: &Node, options: SubscribeOptions, seen: &Seen| {
        let seen = seen.clone();
        node.subscribe::<Created>(options, async move |event: Delivery<Created>| {
            seen.push(format!("{}", event.0));
            Ok(())
        })
    };
    let _first = subscribe(&one, SubscribeOptions::new().name("screen"), &named);
    let _second = subscribe(&other, SubscribeOptions::new().name("screen"), &named);
    let (alone, alone_too) = (Seen::default(), Seen::default());
    let leaving = subscribe(&one, SubscribeOptions::new(), &alone);
    let _staying = subscribe(&other, SubscribeOptions::new(), &alone_too);
    settled(&other).await;
    for n in 0..40 {
        one.client().emit(Created(n));
    }
    until("all came", || named.len() >= 40 && alone.len() >= 40 && alone_too.len() >= 40).await;
    drop(leaving);
    settled(&one).await;
    for n in 0..10 {
        other.client().emit(Created(n));
    }
    until("the others go on", || named.len() >= 50 && alone_too.len() >= 50).await;
    assert_eq!((named.len(), alone.len(), alone_too.len()), (50, 40, 50));
    assert!(soon("none is lost", crate::support::letters(&one)).await.is_empty());
}

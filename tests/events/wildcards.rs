//! `patterns.matching(..)` receives `AnyEvent`: `*` is one token, `>` the rest, and no leading wildcard matches a route
//! that begins with `$`.

use nestling::prelude::*;
use serde_json::json;

use crate::support::{Log, idle, until};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated {
    id: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.line.added")]
struct LineAdded {
    sku: String,
}

struct Audit(Log<(&'static str, String, String)>);

macro_rules! audit {
    ($service:ident, $name:literal, $pattern:literal) => {
        struct $service(Audit);
        impl Actor for $service {
            type Context = Context<Self>;
        }
        impl Supervised for $service {}
        impl Service for $service {
            const NAME: &'static str = $name;
            fn patterns(patterns: &mut Patterns<Self>) {
                patterns.matching($pattern);
            }
        }
        impl Handler<AnyEvent> for $service {
            type Result = Result<(), EventError>;
            fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
                self.0.0.push(($pattern, event.route().to_string(), event.json()?.to_owned()));
                Ok(())
            }
        }
    };
}

audit!(One, "one", "order.*");
audit!(Rest, "rest", "order.>");
audit!(Everything, "everything", ">");
audit!(Middle, "middle", "*.line.*");
audit!(Own, "own", "$service.*");

#[actix::test]
async fn one_token_the_rest_and_never_what_is_reserved() {
    let log = Log::default();
    let audit = || Audit(log.clone());
    let node = Node::builder("test")
        .service(One(audit()))
        .service(Rest(audit()))
        .service(Everything(audit()))
        .service(Middle(audit()))
        .service(Own(audit()))
        .start()
        .await
        .unwrap();
    until("all have started", || log.len() == 5).await;
    let own = log.all();
    assert!(own.iter().all(|(pattern, route, _)| *pattern == "$service.*" && route == "$service.started"));

    node.client().emit(OrderCreated { id: 7 });
    node.client().emit(LineAdded { sku: "a".to_owned() });
    node.client().emit_json("order", json!(null));
    idle(&node).await;
    let mut heard: Vec<_> = log.all().split_off(5);
    heard.sort();
    let expected = [
        ("*.line.*", "order.line.added", r#"{"sku":"a"}"#),
        (">", "order", "null"),
        (">", "order.created", r#"{"id":7}"#),
        (">", "order.line.added", r#"{"sku":"a"}"#),
        ("order.*", "order.created", r#"{"id":7}"#),
        ("order.>", "order.created", r#"{"id":7}"#),
        ("order.>", "order.line.added", r#"{"sku":"a"}"#),
    ];
    assert_eq!(heard, expected.map(|(pattern, route, json)| (pattern, route.to_owned(), json.to_owned())));
}

struct Twice(Log<String>);
impl Actor for Twice {
    type Context = Context<Self>;
}
impl Supervised for Twice {}
impl Service for Twice {
    const NAME: &'static str = "twice";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<OrderCreated>().matching("order.*");
    }
}
impl Handler<OrderCreated> for Twice {
    type Result = Result<(), EventError>;
    fn handle(&mut self, order: OrderCreated, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("typed {}", order.id));
        Ok(())
    }
}
impl Handler<AnyEvent> for Twice {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        let order: OrderCreated = event.decode()?;
        assert_eq!(event.payload()?, json!({ "id": order.id }));
        self.0.push(format!("any {}", order.id));
        Ok(())
    }
}

#[actix::test]
async fn a_service_that_matches_twice_handles_it_twice() {
    let log = Log::default();
    let node = Node::builder("test").service(Twice(log.clone())).start().await.unwrap();
    node.client().emit(OrderCreated { id: 1 });
    idle(&node).await;
    assert_eq!(log.all(), ["typed 1", "any 1"]);
}

struct Misspelt;
impl Actor for Misspelt {
    type Context = Context<Self>;
}
impl Supervised for Misspelt {}
impl Service for Misspelt {
    const NAME: &'static str = "misspelt";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.matching("order.>.created").matching("order.cre*");
    }
}
impl Handler<AnyEvent> for Misspelt {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: AnyEvent, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

#[actix::test]
async fn one_that_is_not_valid_is_named_at_the_start() {
    let error = Node::builder("test").service(Misspelt).start().await.unwrap_err().to_string();
    assert!(error.contains("order.>.created") && error.contains("order.cre*"), "{error}");
}

//! A handler that takes `Delivery<M>` sees what travels beside the payload, and owns the payload itself.

use nestling::prelude::*;
use std::time::SystemTime;

use crate::support::Refused;

/// Not `Clone`: a message has one handler, which gets the very payload that was sent.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "inspect", response = Seen, error = Refused)]
struct Inspect {
    name: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    name: String,
    route: Route,
    id: Id,
    attempt: u32,
    tenant: Option<String>,
    correlation: Id,
    causation: Option<Id>,
}

#[derive(Service)]
#[service("inspector", messages(Delivery<Inspect>))]
struct Inspector;

impl Handler<Delivery<Inspect>> for Inspector {
    type Result = Result<Seen, Refused>;
    fn handle(&mut self, inspect: Delivery<Inspect>, _: &mut Context<Self>) -> Self::Result {
        let age = SystemTime::now().duration_since(inspect.metadata().emitted_at()).unwrap();
        assert!(age < Duration::from_secs(60), "{age:?}");
        Ok(Seen {
            route: inspect.route().clone(),
            id: inspect.id().clone(),
            attempt: inspect.attempt(),
            tenant: inspect.metadata().header("tenant").map(str::to_owned),
            correlation: inspect.correlation_id().clone(),
            causation: inspect.causation_id().cloned(),
            name: inspect.into_inner().name,
        })
    }
}

#[actix::test]
async fn of_a_scoped_client_and_of_a_plain_one() {
    let node = Node::builder("test").service(Inspector).start().await.unwrap();
    let scoped = node.client().header("tenant", "acme").correlation("order-17");
    let seen = scoped.send(Inspect { name: "a".into() }).await.unwrap();
    assert_eq!((seen.name.as_str(), seen.route.as_str(), seen.attempt), ("a", r#"{"cmd":"inspect"}"#, 1));
    assert_eq!((seen.tenant.as_deref(), seen.causation), (Some("acme"), None));
    assert_eq!(seen.correlation, Id::from("order-17"));
    assert_ne!(seen.id, seen.correlation);

    let plain = node.client().send(Inspect { name: "b".into() }).await.unwrap();
    assert_eq!(plain.tenant, None, "the scope is the other client's");
    assert_eq!(plain.correlation, plain.id, "it is the first of its chain");
    assert_ne!(plain.id, seen.id);
}

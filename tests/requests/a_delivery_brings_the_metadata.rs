//! A handler that takes `Delivery<M>` sees what travels beside the payload, and owns the payload itself.

use nestling::prelude::*;
use std::time::SystemTime;

use crate::support::{Refused, until};

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

#[derive(Debug, Clone, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "pass_on", response = Option<Seen>, error = Refused)]
struct PassOn;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, EventPattern)]
#[event_pattern("noted")]
struct Noted {
    n: u32,
}

/// Asks the inspector by its address.
#[derive(Service)]
#[service("passing", messages(Delivery<PassOn>), events(Delivery<Noted>))]
struct Passing {
    inspector: Addr<Inspector>,
    noted: std::rc::Rc<std::cell::RefCell<Vec<(Noted, u32)>>>,
}
impl Handler<Delivery<PassOn>> for Passing {
    type Result = ResponseFuture<Result<Option<Seen>, Refused>>;
    fn handle(&mut self, _: Delivery<PassOn>, _: &mut Context<Self>) -> Self::Result {
        let sent = self.inspector.send(Delivery::from(Inspect { name: "c".into() }));
        Box::pin(async move { sent.await.map_err(|_| Refused(0))?.map(Some) })
    }
}
impl Handler<Delivery<Noted>> for Passing {
    type Result = Result<(), EventError>;
    fn handle(&mut self, noted: Delivery<Noted>, _: &mut Context<Self>) -> Self::Result {
        let attempt = noted.attempt();
        self.noted.borrow_mut().push((noted.into_inner(), attempt));
        Ok(())
    }
}

#[actix::test]
async fn of_one_that_was_made_by_hand() {
    let inspectors = Node::builder("inspectors").service(Inspector).start().await.unwrap();
    let inspector = inspectors.addr::<Inspector>().unwrap();
    let made = Delivery::from(Inspect { name: "a".into() });
    let id = made.id().clone();
    let seen = inspector.send(made).await.unwrap().unwrap();
    assert_eq!((seen.name.as_str(), seen.route.as_str(), seen.attempt), ("a", r#"{"cmd":"inspect"}"#, 1));
    assert_eq!((seen.id, seen.tenant, seen.causation), (id.clone(), None, None));
    assert_eq!(seen.correlation, id, "it is the first of its chain");

    let noted = std::rc::Rc::default();
    let passing = Passing { inspector, noted: std::rc::Rc::clone(&noted) };
    let node = Node::builder("test").service(passing).start().await.unwrap();
    let seen = node.client().correlation("order-18").send(PassOn).await.unwrap().unwrap();
    assert_eq!(seen.correlation, Id::from("order-18"), "it was made for what was in hand");
    assert!(seen.causation.is_some_and(|cause| cause != seen.correlation));

    let passing = node.addr::<Passing>().unwrap();
    passing.send(Delivery::from(Noted { n: 1 })).await.unwrap().unwrap();
    node.client().emit(Noted { n: 2 });
    until(|| noted.borrow().len() == 2).await;
    assert_eq!(*noted.borrow(), [(Noted { n: 1 }, 1), (Noted { n: 2 }, 1)]);
}

//! `Node::describe`: by the configuration and by the server's word, for each subscription.

use nestling::prelude::*;
use nestling::{DeliveryPromise, EventPath, Storage, Stream, Survives};

use crate::nats_server::NatsServer;
use crate::support::{Done, Made, jobs, named, shop};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("note.taken")]
struct Taken;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("secret", internal)]
struct Secret;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("passing.by")]
struct Passing;

macro_rules! handles {
    ($($event:ty),+) => {$(
        impl Handler<$event> for Clerk {
            type Result = Result<(), EventError>;

            fn handle(&mut self, _: $event, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
        }
    )+};
}

struct Clerk;

impl Actor for Clerk {
    type Context = Context<Self>;
}

impl Supervised for Clerk {}

impl Service for Clerk {
    const NAME: &'static str = "clerk";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns
            .event::<Made>()
            .event::<Done>()
            .concurrency(4)
            .event::<Taken>()
            .event::<Secret>()
            .event::<Passing>();
    }
}

handles!(Made, Done, Taken, Secret, Passing);

fn rows(node: &Node) -> Vec<(String, EventPath, DeliveryPromise, bool, Survives)> {
    let subscriptions = node.describe().subscriptions;
    subscriptions.into_iter().map(|it| (it.pattern, it.path, it.promise, it.ordered, it.survives)).collect()
}

#[actix::test]
async fn with_streams() {
    let server = NatsServer::jetstream();
    let notes = Stream::new("NOTES").subjects(["note.*"]).storage(Storage::Memory);
    let node = shop(&server, jobs()).durable(notes).service(Clerk).start().await.unwrap();
    let stream = |name: &str| EventPath::JetStream { stream: name.to_owned() };
    let row = |pattern: &str, path, promise, ordered, survives| {
        (pattern.to_owned(), path, promise, ordered, survives)
    };
    let expected = [
        row("job.made", stream("JOBS"), DeliveryPromise::AtLeastOnce, true, Survives::Broker),
        row("job.done", stream("JOBS"), DeliveryPromise::AtLeastOnce, false, Survives::Broker),
        row("note.taken", stream("NOTES"), DeliveryPromise::AtLeastOnce, true, Survives::Process),
        row("secret", EventPath::InProcess, DeliveryPromise::AtMostOnce, true, Survives::Nothing),
        row("passing.by", EventPath::Nats, DeliveryPromise::AtMostOnce, true, Survives::Nothing),
    ];
    assert_eq!(rows(&node), expected);
    let description = node.describe();
    let table = description.to_string();
    assert!(
        table.starts_with("SERVICE  PATTERN     BY            PROMISE        ORDER            SURVIVES\n"),
        "{table}"
    );
    assert!(
        table
            .contains("clerk    job.done    stream JOBS   at least once  none, 4 at once  process, broker\n"),
        "{table}"
    );
    assert!(table.contains("sync_interval") && table.contains("NodeBuilder::handled"), "{table}");
    let json = serde_json::to_value(&description).unwrap();
    assert_eq!(json["subscriptions"][0]["path"]["jet_stream"]["stream"], "JOBS");
    assert_eq!(json["subscriptions"][0]["promise"], "at_least_once");
    node.shutdown(Duration::ZERO).await;
}

#[cfg(feature = "sqlite")]
#[actix::test]
async fn once_by_effect_where_effects_can_commit_with_the_record() {
    use nestling::SqliteHandled;

    let server = NatsServer::jetstream();
    let handled = SqliteHandled::open(server.folder().join("handled.db")).unwrap();
    let node = shop(&server, jobs()).handled(handled).service(Clerk).start().await.unwrap();
    let promises: Vec<_> = rows(&node).into_iter().map(|(_, _, promise, ..)| promise).collect();
    let (once, most) = (DeliveryPromise::OnceByEffect, DeliveryPromise::AtMostOnce);
    assert_eq!(promises, [once, once, most, most, most]);
    assert!(node.describe().to_string().contains("Delivery::transaction"));
    node.shutdown(Duration::ZERO).await;
}

#[actix::test]
async fn and_without_a_broker() {
    let node = Node::builder("shop").service(Clerk).start().await.unwrap();
    node.subscribe::<Made>(named("passer"), async |_: Delivery<Made>| Ok(())).keep();
    let rows = rows(&node);
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|(_, path, promise, _, survives)| {
        (path, promise, survives) == (&EventPath::InProcess, &DeliveryPromise::AtMostOnce, &Survives::Nothing)
    }));
    node.shutdown(Duration::ZERO).await;
}

//! A stream or a consumer that cannot be had as it is declared keeps the node from starting, and the error says what to
//! do.

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::stream::{Config, StorageType};
use nestling::prelude::*;
use nestling::{NodeBuilder, Storage, Stream};

use crate::nats_server::NatsServer;
use crate::support::{Outside, jobs, shop};

async fn fails(node: NodeBuilder, says: &[&str]) {
    let error = match node.start().await {
        Ok(_) => panic!("it starts"),
        Err(error) => error.to_string(),
    };
    for said in says {
        assert!(error.contains(said), "{said}: {error}");
    }
}

#[actix::test]
async fn a_stream_that_differs() {
    let server = NatsServer::jetstream();
    let outside = Outside::of(&server).await;
    let theirs = Config {
        name: "JOBS".to_owned(),
        subjects: vec!["job.>".to_owned(), "work.>".to_owned()],
        storage: StorageType::Memory,
        max_messages: 1_000,
        max_age: Duration::from_secs(3_600),
        ..Config::default()
    };
    outside.context.create_stream(theirs).await.unwrap();
    let ours = jobs()
        .storage(Storage::File)
        .max_messages(2_000)
        .max_age(Duration::from_secs(7_200))
        .duplicate_window(Duration::from_secs(60));
    let says = [
        "stream `JOBS` is not what the server has",
        "subjects: job.> here, job.>, work.> on the server",
        "storage: File here, Memory on the server",
        "max_messages: 2000 here, 1000 on the server",
        "max_age: 7200s here, 3600s on the server",
        "duplicate_window: 60s here, 120s on the server",
    ];
    fails(shop(&server, ours), &says).await;
    // What nobody asks for may be as it is.
    let same = Stream::new("JOBS").subjects(["work.>", "job.>"]).max_messages(1_000);
    shop(&server, same).start().await.unwrap().shutdown(Duration::ZERO).await;
}

#[actix::test]
async fn a_stream_whose_subjects_are_anothers() {
    let server = NatsServer::jetstream();
    let other = Stream::new("OTHER").subjects(["job.made", "x"]);
    shop(&server, other).start().await.unwrap().shutdown(Duration::ZERO).await;
    fails(shop(&server, jobs()), &["`JOBS`", "job.>", "stream `OTHER` (`job.made`)"]).await;
}

#[actix::test]
async fn a_server_without_jetstream() {
    let server = NatsServer::start();
    fails(shop(&server, jobs()), &["`shop`", "`JOBS`", "JetStream not enabled", "--jetstream"]).await;
}

#[actix::test]
async fn a_server_without_room() {
    let server = NatsServer::with("jetstream { store_dir: \"$FOLDER/store\", max_file: 1MB }\n");
    fails(shop(&server, jobs().max_bytes(1 << 30)), &["`JOBS`", "insufficient"]).await;
}

#[actix::test]
async fn what_is_no_stream() {
    let server = NatsServer::jetstream();
    for (stream, said) in [
        (Stream::new("JOBS"), "no subjects"),
        (Stream::new("").subjects(["a"]), "no name"),
        (Stream::new("JO BS").subjects(["a"]), "' '"),
        (Stream::new("JOBS").subjects(["a..b"]), "`a..b` has an empty token"),
        (Stream::new("JOBS").subjects([">"]), "belongs to the server"),
        (Stream::new("JOBS").subjects(["a.*", "*.b"]), "`a.*` and `*.b` overlap"),
    ] {
        fails(shop(&server, stream), &[said]).await;
    }
}

#[actix::test]
async fn no_connection() {
    fails(Node::builder("shop").durable(jobs()), &["`JOBS`", ".connect(Nats::url(..))"]).await;
}

#[actix::test]
async fn a_consumer_that_acknowledges_otherwise() {
    let server = NatsServer::jetstream();
    let outside = Outside::of(&server).await;
    shop(&server, jobs()).start().await.unwrap().shutdown(Duration::ZERO).await;
    let theirs = pull::Config {
        durable_name: Some("shop-clerk".to_owned()),
        ack_policy: async_nats::jetstream::consumer::AckPolicy::None,
        ..pull::Config::default()
    };
    outside.context.create_consumer_on_stream(theirs, "JOBS").await.unwrap();
    let says = ["`shop-clerk`", "`JOBS`", "`clerk`", "Explicit here, None there", "delete it"];
    fails(shop(&server, jobs()).service(Clerk), &says).await;
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("job.count", response = u32, error = RpcError)]
struct Count;

struct Counter;

impl Actor for Counter {
    type Context = Context<Self>;
}

impl Supervised for Counter {}

impl Service for Counter {
    const NAME: &'static str = "counter";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Count>();
    }
}

impl Handler<Count> for Counter {
    type Result = Result<u32, RpcError>;

    fn handle(&mut self, _: Count, _: &mut Context<Self>) -> Self::Result {
        Ok(0)
    }
}

#[actix::test]
async fn a_message_pattern_that_a_stream_would_answer() {
    let server = NatsServer::jetstream();
    let says = ["`counter`", "`job.count`", "stream `JOBS`", "another name"];
    fails(shop(&server, jobs()).service(Counter), &says).await;
}

struct Clerk;

impl Actor for Clerk {
    type Context = Context<Self>;
}

impl Supervised for Clerk {}

impl Service for Clerk {
    const NAME: &'static str = "clerk";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<crate::support::Made>();
    }
}

impl Handler<crate::support::Made> for Clerk {
    type Result = Result<(), EventError>;

    fn handle(&mut self, _: crate::support::Made, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

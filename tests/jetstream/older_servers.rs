//! nats-server 2.9, which Debian has: durable events work there, but for several subjects in one lane.

use std::path::Path;

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Done, Log, Made, Outside, consumer_of, jobs, named, shop};

const DEBIANS: &str = "/usr/sbin/nats-server";

fn older() -> NatsServer {
    assert!(
        Path::new(DEBIANS).is_file(),
        "{DEBIANS} is not there: install it by `apt-get install nats-server`"
    );
    NatsServer::of(Path::new(DEBIANS), "jetstream { store_dir: \"$FOLDER/store\" }\n")
}

#[actix::test]
async fn events_are_handled_retried_and_buried() {
    let server = older();
    let node = shop(&server, jobs()).start().await.unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let retry = Retry::exponential(1).first_delay(Duration::from_millis(5));
    let subscription =
        node.subscribe::<Made>(named("worker").retry(retry), async move |made: Delivery<Made>| {
            log.push(made.0);
            if made.0 == 3 { Err(EventError::msg("no")) } else { Ok(()) }
        });
    for n in 0..10 {
        node.client().emit_confirmed(Made(n)).await.unwrap();
    }
    let (outside, consumer) = (Outside::of(&server).await, consumer_of("worker"));
    assert!(
        outside.client.server_info().version.starts_with("2.9"),
        "{}",
        outside.client.server_info().version
    );
    outside.until("all have ended", &consumer, |it| it.ack_floor.stream_sequence == 10).await;
    assert_eq!(seen.all(), [0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9]);
    let stats = subscription.stats();
    assert_eq!((stats.handled, stats.dead_lettered, stats.imbalance()), (9, 1, 0));
    subscription.keep();
    node.shutdown(Duration::from_secs(5)).await;
    // What is there is taken as it is.
    shop(&server, jobs()).start().await.unwrap().shutdown(Duration::from_secs(5)).await;
}

struct Both;

impl Actor for Both {
    type Context = Context<Self>;
}

impl Supervised for Both {}

impl Service for Both {
    const NAME: &'static str = "both";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Made>().event::<Done>();
    }
}

impl Handler<Made> for Both {
    type Result = Result<(), EventError>;

    fn handle(&mut self, _: Made, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

impl Handler<Done> for Both {
    type Result = Result<(), EventError>;

    fn handle(&mut self, _: Done, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

#[actix::test]
async fn several_subjects_in_one_lane_need_a_newer_one() {
    let server = older();
    let error = shop(&server, jobs()).service(Both).start().await.unwrap_err().to_string();
    for said in ["`both`", "job.done, job.made", "JOBS", "2.9", "2.10"] {
        assert!(error.contains(said), "{said}: {error}");
    }
}

//! An event that a process had in hand when it was killed is delivered again, with its id and as a later attempt.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use nestling::prelude::*;
use nestling::{Nats, Stream};

use crate::nats_server::NatsServer;
use crate::support::{Log, Made, Outside, consumer_of, jobs, named, shop, soon, until};

/// Tells the child where the server is.
const URL: &str = "NESTLING_TEST_JETSTREAM_URL";

fn stream() -> Stream {
    jobs().ack_wait(Duration::from_secs(1))
}

/// Takes an event in hand, says so, and never lets it go.
async fn child(url: String) {
    let node = Node::builder("shop").connect(Nats::url(url)).durable(stream()).start().await.unwrap();
    let subscription = node.subscribe::<Made>(named("worker"), async |made: Delivery<Made>| {
        let mut out = std::io::stdout();
        writeln!(out, "has {}", made.metadata().id()).unwrap();
        std::future::pending().await
    });
    subscription.keep();
    std::future::pending::<()>().await;
}

#[actix::test]
async fn by_the_next_process() {
    if let Ok(url) = std::env::var(URL) {
        return child(url).await;
    }
    let server = NatsServer::jetstream();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "redelivered_after_a_kill::by_the_next_process", "--nocapture"])
        .env(URL, server.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let node = shop(&server, stream()).start().await.unwrap();
    node.client().emit_confirmed(Made(7)).await.unwrap();
    let held = tokio::task::spawn_blocking(move || {
        lines.map(Result::unwrap).find_map(|line| line.strip_prefix("has ").map(str::to_owned))
    });
    let id = soon("the child has it in hand", held).await.unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    let seen = Log::default();
    let log = seen.clone();
    let subscription = node.subscribe::<Made>(named("worker"), async move |made: Delivery<Made>| {
        log.push((made.0, made.attempt(), made.metadata().id().to_string()));
        Ok(())
    });
    until("it is delivered again", || seen.len() == 1).await;
    assert_eq!(seen.all(), [(7, 2, id)]);
    let outside = Outside::of(&server).await;
    outside.until("it is acknowledged", &consumer_of("worker"), |it| it.ack_floor.stream_sequence == 1).await;
    assert_eq!(subscription.stats().handled, 1);
    node.shutdown(Duration::from_secs(5)).await;
}

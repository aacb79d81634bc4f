//! An ordered lane handles events one at a time in the order of their emission: all its patterns together, through
//! retries, and with several instances of its service.

use std::cell::Cell;

use nestling::prelude::*;

use crate::nats_server::NatsServer;
use crate::support::{Done, Log, Made, Outside, jobs, shop, until};

/// Fails at the first attempt of each event.
#[derive(Debug)]
struct Book {
    log: Log<u32>,
    handled: Cell<u32>,
}

impl Book {
    fn take(&self, n: u32, attempt: u32) -> Result<(), EventError> {
        if attempt == 1 {
            return Err(EventError::msg("once more"));
        }
        self.log.push(n);
        self.handled.set(self.handled.get() + 1);
        Ok(())
    }
}

impl Actor for Book {
    type Context = Context<Self>;
}

impl Supervised for Book {}

impl Service for Book {
    const NAME: &'static str = "book";

    fn patterns(patterns: &mut Patterns<Self>) {
        let retry = || Retry::exponential(2).first_delay(Duration::from_millis(4));
        patterns.event::<Delivery<Made>>().retry(retry()).event::<Delivery<Done>>().retry(retry());
    }
}

impl Handler<Delivery<Made>> for Book {
    type Result = Result<(), EventError>;

    fn handle(&mut self, made: Delivery<Made>, _: &mut Context<Self>) -> Self::Result {
        self.take(made.0, made.attempt())
    }
}

impl Handler<Delivery<Done>> for Book {
    type Result = Result<(), EventError>;

    fn handle(&mut self, done: Delivery<Done>, _: &mut Context<Self>) -> Self::Result {
        self.take(done.0, done.attempt())
    }
}

fn emit(client: &Client, n: u32) {
    if n.is_multiple_of(2) { client.emit(Made(n)) } else { client.emit(Done(n)) }
}

async fn book(server: &NatsServer, log: &Log<u32>) -> Node {
    let book = Book { log: log.clone(), handled: Cell::new(0) };
    shop(server, jobs()).service(book).start().await.unwrap()
}

#[actix::test]
async fn across_patterns_and_retries() {
    let server = NatsServer::jetstream();
    let log = Log::default();
    let node = book(&server, &log).await;
    for n in 0..60 {
        emit(&node.client(), n);
    }
    until("all are handled", || log.len() == 60).await;
    assert_eq!(log.all(), (0..60).collect::<Vec<_>>());
    let outside = Outside::of(&server).await;
    let info =
        outside.until("all are acknowledged", "shop-book", |it| it.ack_floor.stream_sequence == 60).await;
    assert_eq!(info.config.max_ack_pending, 1);
    assert_eq!(info.config.filter_subjects, ["job.done", "job.made"]);
    node.shutdown(Duration::from_secs(5)).await;
}

#[actix::test]
async fn with_two_instances() {
    let server = NatsServer::jetstream();
    let log = Log::default();
    let (one, other) = (book(&server, &log).await, book(&server, &log).await);
    for n in 0..100 {
        emit(&one.client(), n);
    }
    until("all are handled", || log.len() == 100).await;
    assert_eq!(log.all(), (0..100).collect::<Vec<_>>());
    let handled = |node: &Node| node.stats().total().handled;
    assert!(handled(&one) > 0 && handled(&other) > 0, "{} {}", handled(&one), handled(&other));
    for node in [one, other] {
        assert!(node.shutdown(Duration::from_secs(5)).await.stats.balances());
    }
}

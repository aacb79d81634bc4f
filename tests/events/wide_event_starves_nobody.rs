//! However many services subscribe to an event, and however many events come at once, another task of the thread has its
//! turn before more than 64 of their handlers have run.

use std::future::poll_fn;
use std::task::Poll;

use nestling::prelude::*;

use crate::support::{Log, Tick, until};

const SUBSCRIBERS: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Handler,
    Neighbour,
}

struct Subscriber(Log<Turn>);
impl Actor for Subscriber {
    type Context = Context<Self>;
}
impl Supervised for Subscriber {}
impl Service for Subscriber {
    const NAME: &'static str = "subscriber";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Tick>();
    }
}
impl Handler<Tick> for Subscriber {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Self::Result {
        self.0.push(Turn::Handler);
        Ok(())
    }
}

/// How many handlers ran before the neighbour had its turn, when so many events came at once.
async fn handlers_in_a_row(events: u32) -> usize {
    let log = Log::default();
    let service =
        |node: nestling::NodeBuilder, n| node.service_named(format!("s-{n}"), Subscriber(log.clone()));
    let node = (0..SUBSCRIBERS).fold(Node::builder("test"), service).start().await.unwrap();
    // The first event finds services that start, the second finds them idle.
    node.client().emit(Tick { n: 0 });
    until("all run", || log.len() == SUBSCRIBERS).await;

    let seen = log.clone();
    let neighbour = actix::spawn(poll_fn(move |cx| {
        seen.push(Turn::Neighbour);
        cx.waker().wake_by_ref();
        Poll::<()>::Pending
    }));
    for n in 0..events {
        node.client().emit(Tick { n });
    }
    let expected = SUBSCRIBERS * (1 + events as usize);
    until("all is handled", || log.all().iter().filter(|turn| **turn == Turn::Handler).count() == expected)
        .await;
    neighbour.abort();
    let turns = log.all().split_off(SUBSCRIBERS);
    turns
        .into_iter()
        .skip_while(|turn| *turn == Turn::Neighbour)
        .take_while(|turn| *turn == Turn::Handler)
        .count()
}

#[actix::test]
async fn one_event() {
    let in_a_row = handlers_in_a_row(1).await;
    assert!((1..=64).contains(&in_a_row), "{in_a_row}");
}

#[actix::test]
async fn many_events_at_once() {
    let in_a_row = handlers_in_a_row(100).await;
    assert!((1..=64).contains(&in_a_row), "{in_a_row}");
}

//! An event's id, headers and time are the same for every subscriber, every attempt and every replay.

use std::time::SystemTime;

use nestling::prelude::*;

use crate::support::{Log, Tick, idle, letters, until};

/// How slow the clock of `emitted_at` may be, in milliseconds.
const TICK: u128 = 10;

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    id: String,
    route: String,
    headers: Headers,
    emitted_at: u128,
    correlation: String,
    attempt: u32,
}

fn seen(tick: &Delivery<Tick>) -> Seen {
    let emitted_at = tick.metadata().emitted_at().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Seen {
        id: tick.id().to_string(),
        route: tick.route().to_string(),
        headers: tick.headers().clone(),
        emitted_at: emitted_at.as_millis(),
        correlation: tick.correlation_id().to_string(),
        attempt: tick.attempt(),
    }
}

#[actix::test]
async fn for_all_subscribers_attempts_and_replays() {
    let node = Node::builder("test").start().await.unwrap();
    let log = Log::default();
    let (quiet, failing) = (log.clone(), log.clone());
    let _quiet = node.subscribe::<Tick>(SubscribeOptions::new().name("quiet"), async move |tick| {
        quiet.push(seen(&tick));
        Ok(())
    });
    let options = SubscribeOptions::new().name("failing").retry(Retry::immediate(1));
    let _failing = node.subscribe::<Tick>(options, async move |tick| {
        let before = failing.len();
        failing.push(seen(&tick));
        if before < 3 { Err(EventError::msg("not yet")) } else { Ok(()) }
    });
    let before = SystemTime::now();
    node.client().header("tenant", "acme").header("lang", "is").emit(Tick { n: 1 });
    idle(&node).await;
    until("all have seen it", || log.len() == 3).await;
    let letter = letters(&node).await.remove(0);
    node.dead_letters().replay(&letter.id).await.unwrap();

    let all = log.all();
    assert_eq!(all.len(), 4, "{all:#?}");
    let first = all[0].clone();
    assert!(
        all.iter().all(|it| Seen { attempt: 1, ..it.clone() } == Seen { attempt: 1, ..first.clone() }),
        "{all:#?}"
    );
    let mut attempts: Vec<_> = all.iter().map(|it| it.attempt).collect();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 1, 1, 2], "one each for the quiet one and the replay, two for the failing one");
    assert_eq!(first.route, "tick");
    assert_eq!(
        first.headers,
        Headers::from([("lang".into(), "is".into()), ("tenant".into(), "acme".into())])
    );
    assert_eq!(first.correlation, first.id, "it is the first of its kind");
    let before = before.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    assert!(first.emitted_at + TICK >= before, "{} is before {before}", first.emitted_at);
    assert_eq!(letter.event_id.to_string(), first.id);
}

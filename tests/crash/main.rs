//! The crash ledger: a process with JetStream and SQLite is killed (SIGKILL) at random moments under load, now and then
//! together with its broker. Afterwards every event whose confirmed emit was acknowledged has been handled or is a dead
//! letter, and each effect that commits in the store's transaction is there exactly once.
//!
//! The moments come from a seed, which is printed. For longer runs:
//!
//! ```text
//! NESTLING_CRASH_KILLS=50 NESTLING_CRASH_BROKER_KILLS=10 cargo test --features nats --test crash
//! NESTLING_CRASH_SEED=1234 ..
//! ```

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod books;
mod child;
mod parent;
mod plan;
mod shop;

#[path = "../support/nats_server.rs"]
mod nats_server;

use child::Care;

#[test]
fn what_was_acknowledged_is_kept_and_effects_are_there_once() {
    const NAME: &str = "what_was_acknowledged_is_kept_and_effects_are_there_once";
    if child::is_child() {
        return child::run();
    }
    let books = parent::run(NAME, &plan::Plan::from_environment(), Care::Transactions);
    assert_eq!(books.problems(), Vec::<String>::new());
    // Or nothing has been tested.
    assert!(books.acknowledged.len() > 100, "{} acknowledged", books.acknowledged.len());
}

/// The same without the transaction: if this finds nothing wrong, the other could not either.
#[test]
fn effects_apart_from_the_record_are_repeated() {
    const NAME: &str = "effects_apart_from_the_record_are_repeated";
    if child::is_child() {
        return child::run();
    }
    let books = parent::run(NAME, &plan::Plan::short(), Care::None);
    let problems = books.problems();
    assert!(problems.iter().any(|problem| problem.contains("times")), "{problems:?}");
    assert!(!problems.iter().any(|problem| problem.contains("lost")), "{problems:?}");
}

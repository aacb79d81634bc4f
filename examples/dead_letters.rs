//! An event that cannot be handled is kept: fail, inspect, repair, replay.
//!
//! `cargo run --example dead_letters`
#![allow(clippy::print_stdout)] // an example speaks to whoever runs it

use std::cell::Cell;
use std::rc::Rc;

use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("user.created")]
struct UserCreated {
    name: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the mail server refuses connections")]
struct ServerDown;

#[derive(Service)]
#[service("welcome", events(UserCreated))]
struct Welcome {
    server_is_up: Rc<Cell<bool>>,
}

impl Handler<UserCreated> for Welcome {
    type Result = Result<(), EventError>;

    fn handle(&mut self, user: UserCreated, _: &mut Context<Self>) -> Self::Result {
        if !self.server_is_up.get() {
            return Err(ServerDown.into()); // so would `?` on any error
        }
        println!("welcome    {}", user.name);
        Ok(())
    }
}

#[actix::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server_is_up = Rc::new(Cell::new(false));
    let welcome = Welcome { server_is_up: Rc::clone(&server_is_up) };
    // Kept in memory here; `.dead_letters(SqliteStore::open("dead-letters.db")?)` keeps them in a file.
    let node = Node::builder("shop").service(welcome).start().await?;
    let dead_letters = node.dead_letters();

    // 1. Fail.
    let mut stream = dead_letters.stream();
    for name in ["ada", "bob", "carol"] {
        node.client().emit(UserCreated { name: name.to_owned() });
    }
    for _ in 0..3 {
        stream.next().await;
    }

    // 2. Inspect.
    for letter in dead_letters.list(Filter::new().service("welcome").oldest_first()).await? {
        println!("kept       {} {} {}", letter.route, letter.payload, letter.reason);
    }
    for group in dead_letters.groups(Filter::new()).await? {
        println!("group      {} times in `{}`: {}", group.count, group.service, group.error_message);
    }

    // 3. Repair.
    server_is_up.set(true);

    // 4. Replay: only to the subscription that failed, with the same event id, fifty a second.
    let options = ReplayOptions::new().per_second(50);
    let report = dead_letters.replay_matching(Filter::new().service("welcome"), options).await;
    println!("replayed   {} handled, {} failed again", report.handled, report.failed);
    let resolved = dead_letters.list(Filter::new().status(Status::Resolved)).await?;
    println!("resolved   {}", resolved.letters.len());

    node.shutdown(Duration::from_secs(1)).await;
    Ok(())
}

//! A panic, and what survives it: the address, the queue, the neighbours, and the input it happened on.
//!
//! `cargo run --example supervision`
#![allow(clippy::print_stdout)] // an example speaks to whoever runs it

use std::cell::Cell;

use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("reading.taken")]
struct ReadingTaken(i32);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "which_instance", response = u32, error = Unknown)]
struct WhichInstance;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("unknown")]
struct Unknown; // never made

struct Thermometer {
    instance: u32,
}

impl Actor for Thermometer {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Context<Self>) {
        println!("instance {}   started", self.instance);
    }
}
impl Supervised for Thermometer {}
impl Service for Thermometer {
    const NAME: &'static str = "thermometer";

    fn patterns(patterns: &mut Patterns<Self>) {
        // Given up after more than 5 restarts in a minute; without this line, never.
        patterns.event::<ReadingTaken>().message::<WhichInstance>().max_restarts(5, Duration::from_secs(60));
    }
}

impl Handler<ReadingTaken> for Thermometer {
    type Result = Result<(), EventError>;

    fn handle(&mut self, ReadingTaken(celsius): ReadingTaken, _: &mut Context<Self>) -> Self::Result {
        assert!(celsius >= -273, "{celsius} degrees cannot be");
        println!("instance {}   reads {celsius} degrees", self.instance);
        Ok(())
    }
}

impl Handler<WhichInstance> for Thermometer {
    type Result = Result<u32, Unknown>;

    fn handle(&mut self, _: WhichInstance, _: &mut Context<Self>) -> Self::Result {
        Ok(self.instance)
    }
}

#[actix::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let made = Cell::new(0);
    let factory = move |_| {
        made.set(made.get() + 1);
        Thermometer { instance: made.get() }
    };
    // A factory makes a fresh instance after each failure; with `.service(value)` the same one goes on.
    let node = Node::builder("station").service_with(factory).start().await?;
    let address = node.addr::<Thermometer>().ok_or("the node runs a thermometer")?;
    let mut letters = node.dead_letters().stream();

    for celsius in [19, -300, 21, 22] {
        node.client().emit(ReadingTaken(celsius));
    }
    let letter = letters.next().await.ok_or("the node runs")?;
    println!("dead letter  {} of {}: {}", letter.reason, letter.payload, letter.error_message);
    println!("address      still connected: {}", address.connected());
    println!("address      answered by instance {}", address.send(WhichInstance).await??);

    let report = node.shutdown(Duration::from_secs(5)).await;
    let total = report.stats.total();
    println!("ledger       {} = {} handled + {} dead", total.delivered, total.handled, total.dead_lettered);
    Ok(())
}

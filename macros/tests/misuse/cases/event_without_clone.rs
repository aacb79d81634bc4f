//! An event has any number of subscribers, so it can be cloned.

use nestling::EventPattern;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created")]
struct OrderCreated;

fn main() {}

//! A type is a message or an event, never both.

use nestling::{EventPattern, MessagePattern};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, MessagePattern, EventPattern)]
#[message_pattern("orders.get", error = Failed)]
#[event_pattern("order.created")]
struct Order;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("failed")]
struct Failed;

fn main() {}

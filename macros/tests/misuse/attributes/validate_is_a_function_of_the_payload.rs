//! `validate` takes the payload by reference and says what is wrong with it.

use nestling::EventPattern;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.created", validate = Self::is_valid)]
struct OrderCreated;

impl OrderCreated {
    fn is_valid(&self) -> bool {
        true
    }
}

#[derive(Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.cancelled", validate = is_number)]
struct OrderCancelled;

fn is_number(_: u32) -> Result<(), String> {
    Ok(())
}

fn main() {}

//! Only patterns are emitted.

use nestling::prelude::*;

fn tell(client: &Client) {
    client.emit(1u8);
}

fn main() {}

//! Only patterns are sent.

use nestling::prelude::*;

async fn ask(client: Client) {
    client.send(1u8).await;
}

fn main() {}

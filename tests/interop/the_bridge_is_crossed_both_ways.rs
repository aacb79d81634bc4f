//! The example `nest_bridge`: a NestJS application and a Rust service that call each other.

use std::net::TcpListener;

use crate::nest::node;
use crate::program::Program;
use crate::reference::example;

const FRONT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/nest_bridge/nest");

/// An address that nothing listens on.
fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("it is bound").to_string()
}

#[tokio::test]
async fn each_order_is_packed_or_refused_for_its_own_reason() {
    let shop = free();
    let mut inventory =
        Program::start(example("nest_bridge").args(["--listen", "127.0.0.1:0", "--shop", &shop]));
    let address = inventory.address().await;
    let mut front = Program::start(node(FRONT).args(["main.js", "--inventory", &address, "--listen", &shop]));

    let (lines, status) = front.ended().await;
    let expected = [
        "order 1, 2 cd: packed, for 29.98",
        "order 2, 3 lp: packed, for 89.97",
        "order 3, 1 lp: not placed: 0 in stock",
        "order 4, 1 8-track: not placed: no_such_product",
        "order 5, 1 poster: refused: not_for_sale",
    ];
    assert_eq!(lines, expected);
    assert_eq!(status.code(), Some(0));

    let (lines, status) = inventory.end().await;
    let expected =
        ["order 1: packed 2 cd, 38 left", "order 2: packed 3 lp, 0 left", "order 5: refused, not_for_sale"];
    assert_eq!(lines, expected);
    assert_eq!(status.code(), Some(0));
}

//! Five hundred calls on one connection: each gets its own answer, and the slow hold up none of the fast.

use std::cell::RefCell;

use futures::future::join_all;
use nestling::TcpClient;
use serde_json::json;

use crate::nest::Nest;
use crate::reference::reference;
use crate::typed::{Slow, Sum};

const SLOW: u64 = 2000;

async fn nestjs_calls_rust(nest: Nest) {
    let (_service, address) = reference().await;
    let counts = nest.client(&address).ask_one(json!({ "concurrent": 500, "slow": SLOW })).await;
    assert_eq!(counts, json!({ "right": 500, "wrong": 0, "failed": {}, "fast_before_slow": 450 }));
}

async fn rust_calls_nestjs(nest: Nest) {
    let (_service, address) = nest.service().await;
    let client = TcpClient::connect(address);
    // Whether each was slow, in the order in which they were answered.
    let answered = RefCell::new(Vec::new());
    join_all((0..500).map(|number| {
        let (client, answered) = (&client, &answered);
        async move {
            let is_slow = number % 10 == 0;
            if is_slow {
                assert_eq!(client.send(Slow(SLOW)).await, Ok(format!("slow{SLOW}")));
            } else {
                let sum = client.send(Sum(vec![f64::from(number), 1.0])).await;
                assert_eq!(sum, Ok(f64::from(number + 1)));
            }
            answered.borrow_mut().push(is_slow);
        }
    }))
    .await;
    assert_eq!(answered.borrow().len(), 500);
    assert!(answered.borrow()[..450].iter().all(|is_slow| !is_slow), "a slow call was answered first");
}

#[tokio::test]
async fn by_nestjs_12_of_rust() {
    nestjs_calls_rust(Nest::V12).await;
}

#[tokio::test]
async fn by_nestjs_11_of_rust() {
    nestjs_calls_rust(Nest::V11).await;
}

#[tokio::test]
async fn by_rust_of_nestjs_12() {
    rust_calls_nestjs(Nest::V12).await;
}

#[tokio::test]
async fn by_rust_of_nestjs_11() {
    rust_calls_nestjs(Nest::V11).await;
}

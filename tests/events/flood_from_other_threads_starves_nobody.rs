//! Threads that emit faster than the node's own thread can broadcast do not keep it from doing anything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use nestling::prelude::*;

use crate::support::Tick;

const FLOOD: Duration = Duration::from_secs(1);

#[actix::test]
async fn the_nodes_thread_goes_on() {
    let node = Node::builder("test").start().await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (client, stop) = (node.client(), Arc::clone(&stop));
            std::thread::spawn(move || {
                let began = Instant::now();
                while !stop.load(Ordering::Relaxed) && began.elapsed() < FLOOD {
                    client.emit(Tick { n: 0 });
                }
            })
        })
        .collect();
    let began = Instant::now();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = began.elapsed();
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(took < FLOOD / 2, "5 sleeps of 1 ms took {took:?}");
}

//! Threads that emit while the node shuts down: each of their events is delivered, or refused and a dead letter; none
//! slips in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("tick")]
struct Tick;

const ROUNDS: usize = 30;
const THREADS: usize = 3;

#[actix::test]
async fn each_event_is_delivered_or_refused() {
    for round in 0..ROUNDS {
        let node = Node::builder("test").dead_letters(MemoryStore::new(1_000)).start().await.unwrap();
        node.subscribe::<Tick>(SubscribeOptions::new().capacity(1_000_000), async |_| Ok(())).keep();
        let stop = Arc::new(AtomicBool::new(false));
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let (client, stop) = (node.client(), Arc::clone(&stop));
                std::thread::spawn(move || {
                    let mut emitted = 0;
                    while !stop.load(Ordering::Relaxed) {
                        client.emit(Tick);
                        emitted += 1;
                        // Bursts, so that the node's end is not a matter of writing a million dead letters.
                        if emitted % 64 == 0 {
                            std::thread::sleep(Duration::from_micros(50));
                        }
                    }
                    emitted
                })
            })
            .collect();
        let dead_letters = node.dead_letters();
        tokio::time::sleep(Duration::from_micros(100 * round as u64)).await;
        let report = node.shutdown(Duration::ZERO).await;
        stop.store(true, Ordering::Relaxed);
        let emitted: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();

        let ledger = report.stats.total();
        // Those that were refused, beside the dead letters of the subscription: some after the store was closed.
        let began = Instant::now();
        loop {
            let refused = dead_letters.stats().recorded - ledger.dead_lettered;
            if ledger.delivered + refused == emitted {
                break;
            }
            let lost = emitted - ledger.delivered - refused;
            assert!(began.elapsed() < Duration::from_secs(5), "round {round}: {lost} of {emitted} are lost");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(report.stats.balances(), "{report:?}");
    }
}

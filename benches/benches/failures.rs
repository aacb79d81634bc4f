//! What failures cost: the throughput of a subscriber that fails for 0, 1 and 10 % of its events, each failure a
//! restart and a dead letter that is written before the clock stops; and how long its neighbour's events take.

use std::sync::Arc;
use std::time::Instant;

use nestling::dead_letter::DeadLetterStore;
use nestling::{MemoryStore, SqliteStore};
use nestling_benches::contest::{Bench, Contestant};
use nestling_benches::events::{Emit, FanOut, Sale, Tally, broadcast, settle};
use nestling_benches::failing::Office;
use nestling_benches::peers::raw_actix;
use nestling_benches::ratios::{quantile, time};
use nestling_benches::rig::{ActixRig, Rig};
use tempfile::TempDir;

/// The name of a share, and that every so manieth event fails.
const SHARES: [(&str, u64); 3] =
    [("nestling, none fails", 0), ("nestling, 1 % fail", 100), ("nestling, 10 % fail", 10)];

const BATCHES: FanOut = FanOut { width: 1, batch: 1_000 };

fn main() {
    let files = TempDir::new().expect("a temporary folder");
    let mut bench = Bench::from_args("failures");
    bench.contest("memory store", throughput(|_| MemoryStore::new(10_000)), &[]);
    bench.contest("SQLite store", throughput(|every| sqlite(&files, &format!("throughput-{every}"))), &[]);
    let samples = if bench.is_test() { 1 } else { 20_000 };
    bench.finish();
    println!("{:<46}  {:>9}  {:>9}", "an event beside a neighbour", "median", "p99");
    beside("that never fails", 0, MemoryStore::new(10_000), samples);
    beside("that fails every second time, memory store", 2, MemoryStore::new(10_000), samples);
    beside("that fails every second time, SQLite store", 2, sqlite(&files, "beside"), samples);
}

fn sqlite(files: &TempDir, name: &str) -> SqliteStore {
    SqliteStore::open(files.path().join(format!("{name}.db"))).expect("a new database opens")
}

/// The hub has no store and no failures: its row is what events cost without either.
fn throughput<S: DeadLetterStore>(store: impl Fn(u64) -> S) -> Vec<Contestant> {
    let rig = ActixRig::new();
    let tally = Arc::new(Tally::default());
    let hub = rig.block_on(async { raw_actix::Hub::start(BATCHES, &tally) });
    let mut contestants = vec![broadcast("actix hub", rig.clone(), BATCHES, tally, hub)];
    for (name, every) in SHARES {
        let tally = Arc::new(Tally::default());
        let office = start(&rig, every, store(every), &tally, &Arc::default());
        contestants.push(broadcast(name, rig.clone(), BATCHES, tally, office));
    }
    contestants
}

/// The time from an event's emit until it is handled, while ten events go to the neighbour before it.
fn beside(name: &str, every: u64, store: impl DeadLetterStore, samples: u64) {
    let rig = ActixRig::new();
    let (mails, sales) = (Arc::new(Tally::default()), Arc::new(Tally::default()));
    let office = start(&rig, every, store, &mails, &sales);
    let times: Vec<_> = rig.block_on(async {
        let mut times = Vec::new();
        for sample in 0..samples {
            mails.expect(10);
            sales.expect(1);
            for order in 0..10 {
                office.emit(Sale::number(order));
            }
            let start = Instant::now();
            office.ring(Sale::number(sample));
            sales.wait().await;
            times.push(start.elapsed().as_secs_f64() * 1e9);
            mails.wait().await;
        }
        times
    });
    println!("{name:<46}  {:>9}  {:>9}", time(quantile(times.clone(), 0.5)), time(quantile(times, 0.99)));
}

fn start(
    rig: &ActixRig,
    every: u64,
    store: impl DeadLetterStore,
    mails: &Arc<Tally>,
    sales: &Arc<Tally>,
) -> Office {
    rig.block_on(async {
        let office = Office::start(every, store, mails, sales).await;
        settle().await;
        office
    })
}

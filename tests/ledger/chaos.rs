//! Errors, panics, timeouts, permanent errors, slow handlers, full inboxes, subscriptions that come and go, and a
//! shutdown in the middle: every event ends exactly once for every subscription, as the handlers themselves recorded it;
//! the ledger balances all through the run; order is kept where it is promised; every dead letter can be replayed.
//!
//! `NESTLING_CHAOS_SEED` repeats a run, as far as threads allow; `NESTLING_CHAOS_EVENTS` says how many events are to be
//! emitted: the node ends in the middle of them, and what it refuses after that goes on for some seconds at most.
//! They are all kept in memory, and from 10,000 on every kind of end is among them.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix::Arbiter;
use nestling::prelude::*;
use nestling::{NodeBuilder, ReplayOptions, ServiceState, ShutdownReport};

use crate::churn::{Churn, subscribe};
use crate::emitters::{EMITTERS, Emitted, Progress, emit};
use crate::fate::{FOR_GOOD, Mark, draw};
use crate::verdict::{Ends, all_letters, fixed, only_permanent_errors_are_final, order_is_kept};
use crate::workers::{FRAGILE, NAMES, Worker, World, attempts, takes};

/// Nothing happens for so long only where something hangs.
pub(crate) const STALLED: Duration = Duration::from_secs(120);

/// From so many events on, each kind of end is met.
const MANY: u64 = 10_000;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("stuck")]
struct Stuck(Mark);

pub(crate) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// All twenty services: on this thread, on two more arbiters, and on threads of their own.
fn build(world: &Arc<World>, arbiters: [&Arbiter; 2], file: &Path) -> NodeBuilder {
    let mut builder = Node::builder("chaos").dead_letters(SqliteStore::open(file).unwrap());
    macro_rules! worker {
        ($($n:literal)+) => {
            $(builder = {
                let made = Arc::clone(world);
                match $n % 5 {
                    0 => builder.service(Worker::<$n> { world: made }),
                    1 => builder.service_with(move |_| Worker::<$n> { world: Arc::clone(&made) }),
                    2 | 3 => {
                        let place = Placement::On(arbiters[$n % 2].handle());
                        builder.service_on(place, move |_| Worker::<$n> { world: Arc::clone(&made) })
                    }
                    _ => builder.service_on(Placement::Dedicated, move |_| Worker::<$n> { world: Arc::clone(&made) }),
                }
            };)+
        };
    }
    worker!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19);
    builder
}

/// Runs until so many events are emitted, with subscribers that come and go, and looks at the ledger all the time.
async fn run(node: &Node, world: &Arc<World>, progress: &Progress, until: u64, churn: &mut Churn) -> usize {
    let mut samples = 0;
    let mut last = (Instant::now(), (0, 0));
    while progress.total() < until {
        let stats = node.stats();
        let total = stats.total();
        let done = (progress.total(), total.handled + total.dead_lettered);
        if done != last.1 {
            last = (Instant::now(), done);
        }
        let busy = || {
            stats.subscriptions().filter(|it| it.ledger.queued + it.ledger.in_flight > 0).collect::<Vec<_>>()
        };
        assert!(last.0.elapsed() < STALLED, "the emitters do not get on: {:#?}", busy());
        for subscription in stats.subscriptions() {
            assert_eq!(subscription.ledger.imbalance(), 0, "{subscription:?}");
        }
        progress.queued.store(total.queued + stats.registry_backlog, Ordering::SeqCst);
        samples += 1;
        churn.turn(node, world, progress);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    samples
}

/// Ends the node in the middle of it all: the emitters go on, and are refused; subscribers go, and the ledgers of those
/// that stay are looked at until the end.
async fn end(
    node: Node,
    progress: &Progress,
    limit: Duration,
    churn: &mut Churn,
    emitters_are_done: impl Fn() -> bool,
) -> (ShutdownReport, usize) {
    let letters = node.dead_letters();
    progress.queued.store(0, Ordering::SeqCst);
    let ending = tokio::task::spawn_local(node.shutdown(limit));
    // It has its first turn before they may emit more than their part.
    tokio::task::yield_now().await;
    progress.allowed.store(u64::MAX, Ordering::SeqCst);
    // The stuck handler keeps it from ending before they are done, or have been stopped.
    let refused_until = Instant::now() + limit / 2;
    let mut samples = 0;
    while !ending.is_finished() {
        churn.assert_balanced();
        if samples % 64 == 0 {
            churn.leave(progress);
        }
        // What is refused is written, and must not come faster than that.
        progress.queued.store(letters.stats().waiting, Ordering::SeqCst);
        if Instant::now() > refused_until || emitters_are_done() {
            progress.stop.store(true, Ordering::SeqCst);
        }
        samples += 1;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    (ending.await.unwrap(), samples)
}

#[actix::test]
async fn every_event_ends_exactly_once() {
    // Panics are expected here by the thousand; with a subscriber they are its business, and this one has none.
    let _ = tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new());
    let seed = setting("NESTLING_CHAOS_SEED", fastrand::u64(..));
    let events = setting("NESTLING_CHAOS_EVENTS", 10_000);
    println!("NESTLING_CHAOS_SEED={seed} NESTLING_CHAOS_EVENTS={events}");
    // In memory where that is to be had: each of thousands of replays would wait for the disk twice.
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let file = directory.path().join("letters.db");
    let (left, right) = (Arbiter::new(), Arbiter::new());
    let world = World::new(seed);
    let node = build(&world, [&left, &right], &file).start().await.unwrap();
    let stuck = node
        .subscribe::<Stuck>(SubscribeOptions::new().name("stuck"), async |_| std::future::pending().await);
    stuck.keep();
    node.client().emit(Stuck(Mark { emitter: 999, seq: 0 }));

    let progress = Arc::new(Progress::default());
    let budget = events / EMITTERS as u64;
    let total = budget * EMITTERS as u64;
    // The node ends after a third of the events, or up to two thirds, and a quarter of them is not emitted before.
    let until = total / 3 + draw(seed, "shutdown") * (total / 3) / 10_000;
    progress.allowed.store(total - total / 4, Ordering::SeqCst);
    let tasks: Vec<_> = (0..EMITTERS)
        .map(|emitter| {
            let emitting = emit(node.client(), seed, emitter, budget, Arc::clone(&progress));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            std::thread::spawn(move || runtime.block_on(emitting))
        })
        .collect();
    let mut churn = Churn::new(seed);
    let samples = run(&node, &world, &progress, until, &mut churn).await;
    // Long enough for the emitters to be refused.
    let limit = Duration::from_secs(2) + Duration::from_micros(20 * events.min(1_000_000));
    let are_done = || tasks.iter().all(|task| task.is_finished());
    let begun = progress.total();
    let kept = node.dead_letters();
    let (report, last_samples) = end(node, &progress, limit, &mut churn, are_done).await;
    let mut emitted: Vec<Emitted> = tasks.into_iter().flat_map(|task| task.join().unwrap()).collect();
    for (n, count) in world.emitted.iter().enumerate() {
        let marks = (0..count.load(Ordering::SeqCst)).map(|seq| Mark { emitter: 100 + n, seq });
        emitted.extend(marks.map(|mark| Emitted { route: "chaos.delta", mark, in_part: false }));
    }

    let handled = std::mem::take(&mut *world.handled.lock().unwrap());
    let stats = &report.stats;
    let letters = all_letters(&file).await;
    let kept = kept.stats();
    let (ends, stays) = (Ends::of(&handled, &letters), churn.stays());
    let refused: Vec<_> = (0..EMITTERS).map(|emitter| ends.refused_of(emitter)).collect();
    println!(
        "{} emitted, {begun} before the end began, then {refused:?} refused; {samples} + {last_samples} samples, \
         {} handled, {} dead letters, {} restarts, {} subscribers came",
        emitted.len(),
        handled.len(),
        letters.len(),
        stats.services.iter().map(|it| it.restarts).sum::<u64>(),
        stays.len(),
    );
    assert!(report.blocked.is_empty() && stats.balances(), "{report:?}");
    assert_eq!((kept.dropped, kept.waiting), (0, 0), "{kept:?}");
    assert_eq!(kept.recorded, letters.len() as u64, "no letter replaced another");
    ends.every_event_ends_once(&emitted);
    ends.each_has_all_of_its_time(&emitted, &stays);
    ends.ledgers_agree(stats);
    order_is_kept(&handled);
    only_permanent_errors_are_final(seed, &handled, &letters);
    if events >= MANY {
        assert_eq!(stats.service(NAMES[FRAGILE]).unwrap().state, ServiceState::Failed);
        assert!(samples > 10 && last_samples > 10 && stays.len() > 2, "too few of something");
        assert!(begun * 4 <= total * 3 + 4 * EMITTERS as u64, "the node's end came late");
        assert!(refused.iter().all(|events| *events > 0), "all emit until the node's end: {refused:?}");
        every_kind_of_end_is_met(&letters);
    }

    every_letter_can_be_replayed(&world, [&left, &right], &file, &letters, &emitted).await;
}

fn every_kind_of_end_is_met(letters: &[DeadLetter]) {
    let reasons: HashSet<_> = letters.iter().map(|letter| letter.reason).collect();
    for reason in [
        Reason::HandlerError,
        Reason::Panic,
        Reason::Timeout,
        Reason::InboxFull,
        Reason::ServiceFailed,
        Reason::Unsubscribed,
        Reason::Shutdown,
    ] {
        assert!(reasons.contains(&reason), "nothing ended as `{reason}`: {reasons:?}");
    }
    let retried = |letter: &&DeadLetter| attempts(&letter.service, &letter.subscription) > 1;
    let errors = letters.iter().filter(|letter| letter.reason == Reason::HandlerError).filter(retried);
    let (permanent, others): (Vec<_>, Vec<_>) = errors.partition(|letter| letter.error_message == FOR_GOOD);
    assert!(permanent.iter().any(|letter| letter.attempts == 1), "no error was permanent");
    assert!(!others.is_empty(), "no error was left after all attempts");
}

/// A second node on the same file, with repaired handlers, resolves all.
async fn every_letter_can_be_replayed(
    world: &Arc<World>,
    arbiters: [&Arbiter; 2],
    file: &Path,
    letters: &[DeadLetter],
    emitted: &[Emitted],
) {
    world.repaired.store(true, Ordering::SeqCst);
    let node = build(world, arbiters, file).start().await.unwrap();
    node.subscribe::<Stuck>(SubscribeOptions::new().name("stuck"), async |_| Ok(())).keep();
    let replay = async |filter| {
        let report = node.dead_letters().replay_matching(filter, ReplayOptions::new().at_once(256)).await;
        assert!(report.error.is_none(), "{report:?}");
        report.handled
    };
    // What was refused of all goes first, while those are away that came and went.
    let refused = replay(Filter::new().reason(Reason::Shutdown).service("")).await;
    let gone: HashSet<_> =
        letters.iter().map(|it| &it.service).filter(|it| it.starts_with("churn")).collect();
    gone.into_iter().for_each(|name| subscribe(&node, world, name.clone()).keep());
    assert_eq!(refused + replay(Filter::new()).await, letters.len() as u64);
    let report = node.shutdown(Duration::from_secs(60)).await;
    assert!(report.drained && report.stats.balances(), "{report:?}");
    let after = all_letters(file).await;
    assert!(after.iter().all(|it| it.status == Status::Resolved && it.replay_count == 1));
    assert_eq!(after.len(), letters.len());

    // What was refused of all goes to all; everything else to the one that failed, and only to that.
    let handled = std::mem::take(&mut *world.handled.lock().unwrap());
    let mut expected: Vec<_> = Vec::new();
    let routes: HashMap<_, _> = emitted.iter().map(|event| (event.mark, event.route)).collect();
    for letter in letters.iter().filter(|it| it.service != "stuck") {
        let mark = crate::verdict::mark(letter);
        if !letter.service.is_empty() {
            expected.push((letter.service.clone(), letter.subscription.clone(), mark));
        } else if let Some(route) = routes.get(&mark) {
            let to_all = fixed().into_iter().filter(|key| takes(&key.1, route));
            expected.extend(to_all.map(|(service, pattern)| (service, pattern, mark)));
        }
    }
    let mut found: Vec<_> =
        handled.into_iter().map(|(service, pattern, mark)| (service, pattern.to_owned(), mark)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

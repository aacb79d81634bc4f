//! Errors, panics, timeouts, permanent errors, slow handlers, full inboxes, subscriptions that come and go, and a
//! shutdown in the middle: every event ends exactly once for every subscription, as the handlers themselves recorded it;
//! the ledger balances all through the run; order is kept where it is promised; every dead letter can be replayed.
//!
//! `NESTLING_CHAOS_SEED` repeats a run, as far as threads allow; `NESTLING_CHAOS_EVENTS` says how many events it emits.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix::Arbiter;
use nestling::prelude::*;
use nestling::{NodeBuilder, ReplayOptions, ServiceState};

use crate::emitters::{Emitted, Progress, emit};
use crate::fate::Mark;
use crate::verdict::{Ends, all_letters, fixed, order_is_kept};
use crate::workers::{Beta, FRAGILE, NAMES, Worker, World, takes};

const EMITTERS: u32 = 6;

/// How long the emitters may take.
const LIMIT: Duration = Duration::from_secs(600);

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

/// A subscriber that comes and goes.
fn churn(node: &Node, world: &Arc<World>, name: String) -> Subscription {
    let (world, service) = (Arc::clone(world), name.clone());
    let options =
        SubscribeOptions::new().name(name).retry(Retry::immediate(1)).timeout(Duration::from_millis(40));
    node.subscribe::<Beta>(options, async move |event: Delivery<Beta>| {
        world.fate(&service, event.0, event.attempt()).in_time().await?;
        world.record(&service, "chaos.beta", event.0);
        Ok(())
    })
}

/// Runs until the emitters are nearly done, with subscriptions that come and go, and looks at the ledger all the time.
async fn run(node: &Node, world: &Arc<World>, progress: &Progress, until: usize) -> usize {
    let mut random = fastrand::Rng::with_seed(world.seed);
    let mut subscriptions: Vec<Subscription> = Vec::new();
    let (mut samples, mut made) = (0, 0);
    let began = Instant::now();
    while progress.emitted.load(Ordering::SeqCst) < until {
        let stats = node.stats();
        let busy = || {
            stats.subscriptions().filter(|it| it.ledger.queued + it.ledger.in_flight > 0).collect::<Vec<_>>()
        };
        assert!(began.elapsed() < LIMIT, "the emitters do not get on: {:#?}", busy());
        for subscription in stats.subscriptions() {
            assert_eq!(subscription.ledger.imbalance(), 0, "{subscription:?}");
        }
        let queued = stats.total().queued + stats.registry_backlog;
        progress.queued.store(usize::try_from(queued).unwrap(), Ordering::SeqCst);
        samples += 1;
        if subscriptions.len() < 4 && made < 200 {
            subscriptions.push(churn(node, world, format!("churn-{made}")));
            made += 1;
        } else if random.u8(..) < 64 && !subscriptions.is_empty() {
            drop(subscriptions.swap_remove(random.usize(..subscriptions.len())));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // The last ones stay until the node ends.
    subscriptions.into_iter().for_each(Subscription::keep);
    samples
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
    let budget = u32::try_from(events).unwrap() / EMITTERS;
    let tasks: Vec<_> = (0..EMITTERS)
        .map(|emitter| {
            let emitting = emit(node.client(), seed, emitter, budget, Arc::clone(&progress));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            std::thread::spawn(move || runtime.block_on(emitting))
        })
        .collect();
    let total = (budget * EMITTERS) as usize;
    let samples = run(&node, &world, &progress, total - (total / 20).min(1_000)).await;

    progress.queued.store(0, Ordering::SeqCst);
    // While it drains, the emitters are refused; the stuck handler keeps it from ending before they are done.
    let ending = tokio::task::spawn_local(node.shutdown(Duration::from_secs(2)));
    let refused_until = Instant::now() + Duration::from_secs(1);
    while Instant::now() < refused_until && tasks.iter().any(|task| !task.is_finished()) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    progress.stop.store(true, Ordering::SeqCst);
    let report = ending.await.unwrap();
    let mut emitted: Vec<Emitted> = tasks.into_iter().flat_map(|task| task.join().unwrap()).collect();
    for (n, count) in world.emitted.iter().enumerate() {
        let marks = (0..count.load(Ordering::SeqCst)).map(|seq| Mark { emitter: 100 + n as u32, seq });
        emitted.extend(marks.map(|mark| Emitted { route: "chaos.delta", mark, in_part: false }));
    }

    let handled = std::mem::take(&mut *world.handled.lock().unwrap());
    let letters = all_letters(&file);
    let stats = &report.stats;
    println!(
        "{} emitted, {} samples, {} handled, {} dead letters, {} restarts",
        emitted.len(),
        samples,
        handled.len(),
        letters.len(),
        stats.services.iter().map(|it| it.restarts).sum::<u64>(),
    );
    assert!(report.blocked.is_empty() && stats.balances(), "{report:?}");
    assert_eq!(stats.service(NAMES[FRAGILE]).unwrap().state, ServiceState::Failed);
    assert_eq!((stats.dead_letters.dropped, stats.dead_letters.waiting), (0, 0), "{:?}", stats.dead_letters);
    assert_eq!(stats.dead_letters.recorded, letters.len() as u64, "no letter replaced another");
    let ends = Ends::of(&handled, &letters);
    ends.every_event_ends_once(&emitted);
    let churned = ends.no_gap_while_subscribed(&emitted);
    ends.ledgers_agree(stats);
    order_is_kept(&handled);
    assert!(samples > 10 && churned > 2, "{samples} samples, {churned} subscriptions came and went");
    let reasons: HashSet<_> = letters.iter().map(|letter| letter.reason).collect();
    for reason in [
        Reason::HandlerError,
        Reason::Panic,
        Reason::Timeout,
        Reason::InboxFull,
        Reason::ServiceFailed,
        Reason::Shutdown,
    ] {
        assert!(reasons.contains(&reason), "nothing ended as `{reason}`: {reasons:?}");
    }

    every_letter_can_be_replayed(&world, [&left, &right], &file, &letters, &emitted).await;
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
    let gone: HashSet<_> =
        letters.iter().map(|it| &it.service).filter(|it| it.starts_with("churn")).collect();
    gone.into_iter().for_each(|name| churn(&node, world, name.clone()).keep());
    node.subscribe::<Stuck>(SubscribeOptions::new().name("stuck"), async |_| Ok(())).keep();

    let report = node.dead_letters().replay_matching(Filter::new(), ReplayOptions::new().at_once(256)).await;
    assert_eq!((report.handled, report.error.as_ref()), (letters.len() as u64, None), "{report:?}");
    let report = node.shutdown(Duration::from_secs(60)).await;
    assert!(report.drained && report.stats.balances(), "{report:?}");
    let after = all_letters(file);
    assert!(after.iter().all(|it| it.status == Status::Resolved && it.replay_count == 1));
    assert_eq!(after.len(), letters.len());

    // What was refused of all goes to all; everything else to the one that failed, and only to that.
    let handled = std::mem::take(&mut *world.handled.lock().unwrap());
    let mut expected: Vec<_> = Vec::new();
    for letter in letters.iter().filter(|it| it.service != "stuck") {
        let mark = crate::verdict::mark(letter);
        if !letter.service.is_empty() {
            expected.push((letter.service.clone(), letter.subscription.clone(), mark));
        } else if let Some(event) = emitted.iter().find(|event| event.mark == mark) {
            let to_all = fixed().into_iter().filter(|key| takes(&key.1, event.route));
            expected.extend(to_all.map(|(service, pattern)| (service, pattern, mark)));
        }
    }
    // What was refused of all also reached the subscriptions made again, which the first node did not have then.
    let refused: HashSet<_> =
        letters.iter().filter(|it| it.service.is_empty()).map(crate::verdict::mark).collect();
    let extra = |service: &str, mark: Mark| service.starts_with("churn") && refused.contains(&mark);
    let mut found: Vec<_> = handled
        .into_iter()
        .filter(|(service, _, mark)| !extra(service, *mark))
        .map(|(service, pattern, mark)| (service, pattern.to_owned(), mark))
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

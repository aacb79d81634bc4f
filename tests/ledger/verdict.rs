//! Compares what the handlers wrote down with what the node says, event by event.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::Instant;

use nestling::prelude::*;
use nestling::{DeadLetterStore, NodeStats, StoreError};

use crate::chaos::STALLED;
use crate::churn::Stay;
use crate::emitters::Emitted;
use crate::fate::{FOR_GOOD, Fate, Mark, fate};
use crate::workers::{ANY, Entry, NAMES, SERVICES, attempts, is_ordered, shares_lane, subscriptions, takes};

/// A service and its subscription.
type Key = (String, String);

/// All dead letters of a file. A node that ends at its limit may leave it to its store to write the last of them.
pub(crate) async fn all_letters(file: &Path) -> Vec<DeadLetter> {
    let began = Instant::now();
    let mut store = loop {
        match SqliteStore::open(file) {
            Ok(store) => break store,
            Err(StoreError::InUse { .. }) if began.elapsed() < STALLED => {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            Err(error) => panic!("{error}"),
        }
    };
    let mut letters = Vec::new();
    let mut filter = Filter::new().oldest_first().limit(5_000);
    loop {
        let page = store.list(&filter).unwrap();
        letters.extend(page.letters);
        match page.next {
            Some(next) => filter = filter.after(next),
            None => return letters,
        }
    }
}

pub(crate) fn mark(letter: &DeadLetter) -> Mark {
    serde_json::from_str(letter.payload.get()).unwrap()
}

/// How often each event had each end, by subscription.
#[derive(Default)]
pub(crate) struct Ends {
    handled: HashMap<Key, HashMap<Mark, u32>>,
    buried: HashMap<Key, HashMap<Mark, u32>>,
    /// Events that the node refused while it shut down: dead letters of no subscription.
    refused: HashSet<Mark>,
}

impl Ends {
    pub(crate) fn of(handled: &[Entry], letters: &[DeadLetter]) -> Self {
        let mut ends = Self::default();
        for (service, pattern, mark) in handled {
            let key = (service.clone(), (*pattern).to_owned());
            *ends.handled.entry(key).or_default().entry(*mark).or_default() += 1;
        }
        for letter in letters {
            if letter.service.is_empty() {
                assert!(ends.refused.insert(mark(letter)), "refused twice: {letter:?}");
            } else {
                let key = (letter.service.clone(), letter.subscription.clone());
                *ends.buried.entry(key).or_default().entry(mark(letter)).or_default() += 1;
            }
        }
        ends
    }

    fn handled(&self, key: &Key, mark: Mark) -> u32 {
        self.handled.get(key).and_then(|marks| marks.get(&mark)).copied().unwrap_or(0)
    }

    fn buried(&self, key: &Key, mark: Mark) -> u32 {
        self.buried.get(key).and_then(|marks| marks.get(&mark)).copied().unwrap_or(0)
    }

    /// Every event has exactly one end for every subscription that takes it.
    pub(crate) fn every_event_ends_once(&self, emitted: &[Emitted]) {
        for key in fixed() {
            for event in emitted.iter().filter(|event| takes(&key.1, event.route)) {
                let ends = (self.handled(&key, event.mark), self.buried(&key, event.mark));
                let total = ends.0 + ends.1 + u32::from(self.refused.contains(&event.mark));
                let right = if event.in_part { total <= 1 } else { total == 1 };
                assert!(right, "{key:?}: {event:?} was handled {} times and buried {} times", ends.0, ends.1);
            }
        }
    }

    /// A subscription that came and went has all that was emitted meanwhile, each once, and nothing else; of what was
    /// emitted just when it came or went, all from one event on, and all up to one.
    pub(crate) fn each_has_all_of_its_time(&self, emitted: &[Emitted], stays: &[Stay]) {
        let mut by_emitter: BTreeMap<usize, Vec<Mark>> = BTreeMap::new();
        for event in emitted.iter().filter(|event| event.route == "chaos.beta" && !event.in_part) {
            by_emitter.entry(event.mark.emitter).or_default().push(event.mark);
        }
        for stay in stays {
            let key = (stay.name.clone(), "chaos.beta".to_owned());
            for (&emitter, marks) in &by_emitter {
                let ends = |mark: &Mark| {
                    self.handled(&key, *mark)
                        + self.buried(&key, *mark)
                        + u32::from(self.refused.contains(mark))
                };
                let refused = |mark: &Mark| self.refused.contains(mark);
                for mark in marks {
                    let is_early = mark.seq < stay.before[emitter];
                    let is_late = mark.seq >= stay.after[emitter];
                    let is_between = mark.seq >= stay.from[emitter] && mark.seq < stay.until[emitter];
                    let right = match ends(mark) {
                        0 => !is_between,
                        1 => refused(mark) || !(is_early || is_late),
                        _ => false,
                    };
                    assert!(right, "{mark:?} ended {} times: {stay:?}", ends(mark));
                }
                let taken: Vec<_> = marks.iter().filter(|mark| !refused(mark)).map(ends).collect();
                let first = taken.iter().position(|ends| *ends > 0).unwrap_or(0);
                let last = taken.iter().rposition(|ends| *ends > 0).map_or(0, |last| last + 1);
                assert!(
                    taken[first..last].iter().all(|ends| *ends == 1),
                    "{:?}: {stay:?}",
                    &taken[first..last]
                );
            }
        }
    }

    /// How many events the node refused of this emitter.
    pub(crate) fn refused_of(&self, emitter: usize) -> usize {
        self.refused.iter().filter(|mark| mark.emitter == emitter).count()
    }

    /// The node's ledgers say what the handlers wrote down and what the store holds.
    pub(crate) fn ledgers_agree(&self, stats: &NodeStats) {
        let count = |marks: Option<&HashMap<Mark, u32>>| {
            marks.map_or(0, |marks| marks.values().map(|n| u64::from(*n)).sum::<u64>())
        };
        for subscription in stats.subscriptions() {
            let key = (subscription.service.clone(), subscription.pattern.clone());
            let ledger = subscription.ledger;
            let recorded = (count(self.handled.get(&key)), count(self.buried.get(&key)));
            if key.0 != "stuck" {
                assert_eq!((ledger.handled, ledger.dead_lettered), recorded, "{key:?}");
            }
            assert_eq!(ledger.delivered, ledger.handled + ledger.dead_lettered, "{key:?}");
        }
    }
}

/// A permanent error is an event's last, at whatever attempt, and any other only when its attempts are spent.
pub(crate) fn only_permanent_errors_are_final(seed: u64, handled: &[Entry], letters: &[DeadLetter]) {
    for (service, pattern, mark) in handled {
        let who = if *pattern == "chaos.>" { ANY } else { service };
        assert_ne!(
            fate(seed, who, *mark, 1),
            Fate::FailsForGood,
            "{service} {pattern}: {mark:?} was handled"
        );
    }
    for letter in letters {
        let earlier = letter.attempt_log.iter().rev().skip(1);
        assert!(earlier.into_iter().all(|attempt| attempt.error != FOR_GOOD), "{letter:?}");
        let spent = letter.attempts == attempts(&letter.service, &letter.subscription);
        let is_final = letter.error_message == FOR_GOOD || spent;
        assert!(letter.reason != Reason::HandlerError || is_final, "{letter:?}");
    }
}

/// Every subscription that stands from the start.
pub(crate) fn fixed() -> Vec<Key> {
    (0..SERVICES)
        .flat_map(|n| {
            subscriptions(n).into_iter().map(move |pattern| (NAMES[n].to_owned(), pattern.to_owned()))
        })
        .collect()
}

/// Where order is promised, the events of each emitter were handled in the order in which they were emitted.
pub(crate) fn order_is_kept(handled: &[Entry]) {
    let mut last: HashMap<(&str, &str, usize), u64> = HashMap::new();
    for (service, pattern, mark) in handled.iter().filter(|(_, pattern, _)| is_ordered(pattern)) {
        let lane = if shares_lane(pattern) { "ordered" } else { pattern };
        if let Some(before) = last.insert((service, lane, mark.emitter), mark.seq) {
            assert!(
                before < mark.seq,
                "{service} {pattern}: {} of emitter {} came after {before}",
                mark.seq,
                mark.emitter
            );
        }
    }
}

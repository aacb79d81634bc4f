//! Events that are emitted, and what came of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use nestling::prelude::*;

use super::handling::Event;
use super::patterns::Happened;
use super::violation::{Guarantee, Verdict};

/// Emits `count` events of one emitter, from number 0 on.
pub(crate) fn emit(client: &Client, emitter: u32, count: u32) {
    for number in 0..count {
        client.emit(Happened::new(emitter, number));
    }
}

/// As [`emit`], with each confirmed before the next.
pub(crate) async fn confirm(
    client: &Client,
    emitter: u32,
    numbers: std::ops::Range<u32>,
) -> Result<(), EmitError> {
    for number in numbers {
        client.emit_confirmed(Happened::new(emitter, number)).await?;
    }
    Ok(())
}

/// The numbers of events, in their order.
pub(crate) fn numbers(events: &[Event]) -> Vec<u32> {
    events.iter().map(|event| event.number).collect()
}

/// Each emitter's events have been handled in their order.
pub(crate) fn in_order(events: &[Event]) -> Verdict {
    let mut emitters = BTreeMap::<u32, Vec<u32>>::new();
    for event in events {
        emitters.entry(event.emitter).or_default().push(event.number);
    }
    for (emitter, numbers) in emitters {
        let place = numbers.windows(2).position(|pair| pair[0] > pair[1]);
        Guarantee::OrderKept.ensure(place.is_none(), || {
            let begin = place.unwrap_or_default().saturating_sub(5);
            format!(
                "emitter {emitter} is handled as .. {:?} ..",
                &numbers[begin..numbers.len().min(begin + 12)]
            )
        })?;
    }
    Ok(())
}

/// Emitters and numbers, of which the first few are shown.
pub(crate) struct Numbers(Vec<(u32, u32)>);

impl Numbers {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(u32, u32)> for Numbers {
    fn from_iter<I: IntoIterator<Item = (u32, u32)>>(events: I) -> Self {
        Self(events.into_iter().collect())
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first: Vec<_> = self.0.iter().take(10).collect();
        write!(f, "{} events, from {first:?} on", self.0.len())
    }
}

/// Those that are not there, of `emitters` that have emitted `count` each.
pub(crate) fn missing(events: &[Event], emitters: u32, count: u32) -> Numbers {
    let there: BTreeSet<_> = events.iter().map(|event| (event.emitter, event.number)).collect();
    let all = (0..emitters).flat_map(|emitter| (0..count).map(move |number| (emitter, number)));
    all.filter(|event| !there.contains(event)).collect()
}

/// Those that are there more than once.
pub(crate) fn twice(events: &[Event]) -> Numbers {
    let mut there = BTreeSet::new();
    let all = events.iter().map(|event| (event.emitter, event.number));
    all.filter(|event| !there.insert(*event)).collect()
}

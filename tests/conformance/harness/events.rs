//! Events that are emitted, and what came of them.

use std::collections::{BTreeMap, BTreeSet};

use nestling::prelude::*;

use super::handling::Event;
use super::patterns::Happened;

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

/// The numbers of each emitter's events, in their order.
pub(crate) fn per_emitter(events: &[Event]) -> BTreeMap<u32, Vec<u32>> {
    let mut emitters = BTreeMap::<u32, Vec<u32>>::new();
    for event in events {
        emitters.entry(event.emitter).or_default().push(event.number);
    }
    emitters
}

/// The emitters and numbers that are not there, of `emitters` that have emitted `count` each.
pub(crate) fn missing(events: &[Event], emitters: u32, count: u32) -> Vec<(u32, u32)> {
    let there: BTreeSet<_> = events.iter().map(|event| (event.emitter, event.number)).collect();
    (0..emitters)
        .flat_map(|emitter| (0..count).map(move |number| (emitter, number)))
        .filter(|event| !there.contains(event))
        .collect()
}

/// The emitters and numbers that are there more than once.
pub(crate) fn twice(events: &[Event]) -> Vec<(u32, u32)> {
    let mut there = BTreeSet::new();
    let all = events.iter().map(|event| (event.emitter, event.number));
    all.filter(|event| !there.insert(*event)).collect()
}

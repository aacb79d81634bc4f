//! Filters and pages, against a plain list.

use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::super::*;
use super::support::{letter, record, route};
use crate::metadata::Id;

fn any_letter(n: u64) -> impl Strategy<Value = DeadLetter> {
    (0..3_u8, 0..3_u8, 0..3_usize, 0..4_usize, 0..3_u8, 0..20_u64, "[aA§ \0]{0,3}").prop_map(
        move |(service, on, reason, status, fingerprint, failed_at, message)| DeadLetter {
            service: format!("s{service}"),
            route: route(&format!("r{on}")),
            reason: Reason::ALL[reason],
            status: Status::ALL[status],
            fingerprint: format!("f{fingerprint}"),
            error_type: message.chars().rev().collect(),
            error_message: message,
            failed_at: UNIX_EPOCH + Duration::from_millis(failed_at),
            correlation_id: Id::from(format!("c{service}")),
            ..letter(n)
        },
    )
}

fn letters() -> impl Strategy<Value = Vec<DeadLetter>> {
    (0..40_u64).prop_flat_map(|count| (1..=count).map(any_letter).collect::<Vec<_>>())
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let option = proptest::option::weighted::<std::ops::Range<u8>>;
    let what =
        (option(0.3, 0..3), option(0.2, 0..3), option(0.2, 0..3), option(0.2, 0..4), option(0.2, 0..3));
    let when = (option(0.2, 0..20), option(0.2, 0..20));
    let which = (
        option(0.1, 1..40),
        option(0.1, 0..3),
        proptest::option::weighted(0.2, "[aA§\0]{0,2}"),
        any::<bool>(),
    );
    (what, when, which).prop_map(|(what, when, which)| {
        let time = |millis: u8| UNIX_EPOCH + Duration::from_millis(millis.into());
        let (service, on, reason, status, fingerprint) = what;
        let (event, correlation, text, oldest_first) = which;
        Filter {
            service: service.map(|n| format!("s{n}")),
            route: on.map(|n| format!("r{n}")),
            reason: reason.map(|n| Reason::ALL[usize::from(n)]),
            status: status.map(|n| Status::ALL[usize::from(n)]),
            fingerprint: fingerprint.map(|n| format!("f{n}")),
            since: when.0.map(time),
            until: when.1.map(time),
            event_id: event.map(|n| letter(n.into()).event_id),
            correlation_id: correlation.map(|n| Id::from(format!("c{n}"))),
            text,
            order: if oldest_first { Order::OldestFirst } else { Order::NewestFirst },
            after: None,
            limit: None,
        }
    })
}

/// The plain list: what is meant, said once more without the store's code.
fn expected(letters: &[DeadLetter], filter: &Filter) -> Vec<Id> {
    let mut found: Vec<_> = letters
        .iter()
        .filter(|one| filter.service.clone().is_none_or(|wanted| one.service == wanted))
        .filter(|one| filter.route.clone().is_none_or(|wanted| one.route.as_str() == wanted))
        .filter(|one| filter.reason.is_none_or(|wanted| one.reason == wanted))
        .filter(|one| filter.status.is_none_or(|wanted| one.status == wanted))
        .filter(|one| filter.fingerprint.clone().is_none_or(|wanted| one.fingerprint == wanted))
        .filter(|one| filter.event_id.clone().is_none_or(|wanted| one.event_id == wanted))
        .filter(|one| filter.correlation_id.clone().is_none_or(|wanted| one.correlation_id == wanted))
        .filter(|one| filter.since.is_none_or(|since| one.failed_at >= since))
        .filter(|one| filter.until.is_none_or(|until| one.failed_at < until))
        .filter(|one| {
            let text = filter.text.clone().unwrap_or_default().replace('A', "a");
            [&one.error_message, &one.error_type].iter().any(|said| said.replace('A', "a").contains(&text))
        })
        .map(|one| one.id.clone())
        .collect();
    if filter.order == Order::NewestFirst {
        found.reverse();
    }
    found
}

fn pages_are_right(store: &mut dyn DeadLetterStore, letters: &[DeadLetter], filter: &Filter, size: usize) {
    record(store, letters.iter().cloned());
    let expected = expected(letters, filter);
    let mut found = Vec::new();
    let mut next = Filter { limit: Some(size), ..filter.clone() };
    loop {
        let page = store.list(&next).unwrap();
        assert!(page.letters.len() <= size);
        found.extend(page.letters.iter().map(|one| one.id.clone()));
        match page.next {
            Some(last) => next = next.after(last),
            None => break,
        }
    }
    assert_eq!(found, expected);

    let groups = store.groups(filter).unwrap();
    assert_eq!(groups.iter().map(|group| group.count).sum::<u64>(), expected.len() as u64);
    assert!(groups.is_sorted_by_key(|group| (std::cmp::Reverse(group.count), group.fingerprint.clone())));

    let new = Filter { status: Some(Status::New), ..filter.clone() };
    let to_discard = if matches!(filter.status, None | Some(Status::New)) {
        super::paging::expected(letters, &new)
    } else {
        vec![]
    };
    let limited = Filter { limit: Some(size), ..filter.clone() };
    let discarded = store.discard(&limited).unwrap();
    assert_eq!(discarded, to_discard.len().min(size) as u64);
    for (at, id) in to_discard.iter().enumerate() {
        let status = store.get(id).unwrap().unwrap().status;
        assert_eq!(status, if at < size { Status::Discarded } else { Status::New });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_memory(letters in letters(), filter in any_filter(), size in 1..12_usize) {
        pages_are_right(&mut MemoryStore::new(1000), &letters, &filter, size);
    }
}

#[cfg(feature = "sqlite")]
proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_sqlite(letters in letters(), filter in any_filter(), size in 1..12_usize) {
        let directory = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(directory.path().join("letters.db")).unwrap();
        pages_are_right(&mut store, &letters, &filter, size);
    }
}

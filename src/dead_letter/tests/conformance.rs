//! What every store does.

use std::time::Duration;

use super::super::store::{Change, Ended};
use super::super::*;
use super::support::{letter, record, route, told};
use crate::metadata::Id;

macro_rules! on_every_store {
    ($($name:ident)+) => {
        mod memory {
            $(#[test] fn $name() { super::$name(&mut crate::MemoryStore::new(1000)); })+
        }
        #[cfg(feature = "sqlite")]
        mod sqlite {
            $(#[test] fn $name() {
                let directory = tempfile::tempdir().unwrap();
                super::$name(&mut crate::SqliteStore::open(directory.path().join("letters.db")).unwrap());
            })+
        }
        #[cfg(feature = "nats")]
        mod jetstream {
            $(#[test] fn $name() {
                let server = crate::dead_letter::tests::nats_server::NatsServer::jetstream();
                let nats = crate::Nats::url(server.url());
                super::$name(&mut crate::JetStreamStore::open(nats, "DEAD_LETTERS").unwrap());
            })+
        }
    };
}

on_every_store! {
    a_letter_comes_back_as_it_went_in
    a_letter_without_the_optional_parts_comes_back
    the_same_event_service_and_route_is_one_letter
    a_letter_recorded_while_it_is_replayed_counts_the_replay
    only_one_claim_wins
    an_unknown_letter_is_unknown
    each_end_of_a_replay
    an_end_that_comes_too_late_is_void
    groups_have_the_newest_message_and_the_whole_time
    discarding_takes_new_letters_only
    changes_apply_in_their_order
}

type Store<'a> = &'a mut dyn DeadLetterStore;

fn status(store: Store<'_>, id: &Id) -> (Status, u32) {
    let letter = store.get(id).unwrap().unwrap();
    (letter.status, letter.replay_count)
}

fn settle(store: Store<'_>, id: &Id, replay_count: u32, ended: Ended) {
    store.write(&mut [Change::Settle { id: id.clone(), replay_count, ended }]).unwrap();
}

fn claim(store: Store<'_>, id: &Id) -> Turned {
    store.turn(id, Status::New, Status::Replaying).unwrap()
}

fn a_letter_comes_back_as_it_went_in(store: Store<'_>) {
    let one = letter(1);
    let stored = record(store, [one.clone()]);
    assert_eq!(told(&stored[0]), told(&one));
    assert_eq!(told(&store.get(&one.id).unwrap().unwrap()), told(&one));
    assert_eq!(told(&store.list(&Filter::new()).unwrap().letters[0]), told(&one));
}

fn a_letter_without_the_optional_parts_comes_back(store: Store<'_>) {
    let mut one = letter(1);
    one.service = String::new();
    one.panic_location = None;
    one.causation_id = None;
    one.traceparent = None;
    one.attempt_log.clear();
    one.error_chain.clear();
    one.headers.clear();
    one.error_message = "\0 quote ' and \" ß 🐦".to_owned();
    one.route = route(r#"{"cmd":"it's"}"#);
    record(store, [one.clone()]);
    assert_eq!(told(&store.get(&one.id).unwrap().unwrap()), told(&one));
}

fn the_same_event_service_and_route_is_one_letter(store: Store<'_>) {
    let first = letter(1);
    record(store, [first.clone()]);
    store.turn(&first.id, Status::New, Status::Discarded).unwrap();

    let mut again = letter(9);
    again.event_id = first.event_id.clone();
    again.reason = Reason::Panic;
    let stored = record(store, [again.clone()]).remove(0);
    let mut expected = again.clone();
    expected.id = first.id.clone();
    expected.first_failed_at = first.first_failed_at;
    assert_eq!(told(&stored), told(&expected));
    assert_eq!(told(&store.get(&first.id).unwrap().unwrap()), told(&expected));

    let mut elsewhere = again;
    elsewhere.service = "audit".to_owned();
    let mut otherwise = letter(10);
    otherwise.event_id = first.event_id.clone();
    otherwise.route = route("order.paid");
    record(store, [elsewhere, otherwise]);
    assert_eq!(store.list(&Filter::new()).unwrap().letters.len(), 3);
}

fn a_letter_recorded_while_it_is_replayed_counts_the_replay(store: Store<'_>) {
    let one = letter(1);
    record(store, [one.clone()]);
    claim(store, &one.id);
    let stored = record(store, [one.clone()]).remove(0);
    assert_eq!((stored.status, stored.replay_count), (Status::New, 1));
    assert_eq!(status(store, &one.id), (Status::New, 1));
}

fn only_one_claim_wins(store: Store<'_>) {
    let one = letter(1);
    record(store, [one.clone()]);
    match claim(store, &one.id) {
        Turned::Turned(claimed) => {
            assert_eq!(claimed.status, Status::Replaying);
            assert_eq!(claimed.payload.get(), one.payload.get());
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(claim(store, &one.id), Turned::Is(Status::Replaying)));
}

fn an_unknown_letter_is_unknown(store: Store<'_>) {
    assert!(matches!(claim(store, &Id::from("nowhere")), Turned::Unknown));
    assert!(store.get(&Id::from("nowhere")).unwrap().is_none());
    settle(store, &Id::from("nowhere"), 0, Ended::Handled);
    assert_eq!(store.list(&Filter::new()).unwrap().letters.len(), 0);
}

fn each_end_of_a_replay(store: Store<'_>) {
    for (n, ended, expected) in [
        (1, Ended::Handled, (Status::Resolved, 1)),
        (2, Ended::Failed, (Status::New, 1)),
        (3, Ended::NotTaken, (Status::New, 0)),
    ] {
        let one = letter(n);
        record(store, [one.clone()]);
        claim(store, &one.id);
        settle(store, &one.id, 0, ended);
        assert_eq!(status(store, &one.id), expected, "{ended:?}");
    }
}

fn an_end_that_comes_too_late_is_void(store: Store<'_>) {
    let one = letter(1);
    record(store, [one.clone()]);
    claim(store, &one.id);
    // The event fails again, and another replay claims the letter before the first one's end is written.
    record(store, [one.clone()]);
    claim(store, &one.id);
    settle(store, &one.id, 0, Ended::Failed);
    assert_eq!(status(store, &one.id), (Status::Replaying, 1));
    settle(store, &one.id, 1, Ended::Handled);
    assert_eq!(status(store, &one.id), (Status::Resolved, 2));
    settle(store, &one.id, 2, Ended::NotTaken);
    assert_eq!(status(store, &one.id), (Status::Resolved, 2), "nobody had claimed it");
}

fn groups_have_the_newest_message_and_the_whole_time(store: Store<'_>) {
    let mut other = letter(4);
    other.fingerprint = "g".to_owned();
    other.service = "audit".to_owned();
    record(store, [letter(1), letter(2), letter(3), other]);
    let groups = store.groups(&Filter::new()).unwrap();
    assert_eq!(groups.len(), 2);
    assert_eq!((groups[0].fingerprint.as_str(), groups[0].count), ("f", 3));
    assert_eq!(groups[0].error_message, letter(3).error_message);
    assert_eq!(groups[0].first_failed_at, letter(1).first_failed_at);
    assert_eq!(groups[0].last_failed_at, letter(3).failed_at);
    assert_eq!(
        (groups[1].fingerprint.as_str(), groups[1].count, groups[1].service.as_str()),
        ("g", 1, "audit")
    );
    assert_eq!(store.groups(&Filter::new().service("audit")).unwrap().len(), 1);
    assert_eq!(store.groups(&Filter::new().limit(1)).unwrap().len(), 1);
}

fn discarding_takes_new_letters_only(store: Store<'_>) {
    record(store, (1..=5).map(letter));
    claim(store, &letter(1).id);
    assert_eq!(store.discard(&Filter::new().oldest_first().limit(2)).unwrap(), 2);
    let found: Vec<_> = (1..=5).map(|n| status(store, &letter(n).id).0).collect();
    assert_eq!(found, [Status::Replaying, Status::Discarded, Status::Discarded, Status::New, Status::New]);
    assert_eq!(store.discard(&Filter::new().service("nobody")).unwrap(), 0);
    assert_eq!(store.discard(&Filter::new()).unwrap(), 2);
}

fn changes_apply_in_their_order(store: Store<'_>) {
    let one = letter(1);
    record(store, [one.clone()]);
    claim(store, &one.id);
    let mut again = one.clone();
    again.failed_at += Duration::from_secs(60);
    let late = Change::Settle { id: one.id.clone(), replay_count: 0, ended: Ended::Handled };
    store.write(&mut [Change::Record(Box::new(again)), late]).unwrap();
    assert_eq!(status(store, &one.id), (Status::New, 1));
}

#[test]
fn a_full_memory_evicts_the_oldest_and_counts() {
    let mut store = MemoryStore::new(3);
    record(&mut store, (1..=5).map(letter));
    let left: Vec<_> =
        store.list(&Filter::new().oldest_first()).unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(left, [letter(3).id, letter(4).id, letter(5).id]);
    assert_eq!(store.evicted(), 2);
    // What was evicted has left no trace: the same event is a letter of its own.
    let stored = record(&mut store, [DeadLetter { id: letter(6).id, ..letter(1) }]);
    assert_eq!(stored[0].id, letter(6).id);
}

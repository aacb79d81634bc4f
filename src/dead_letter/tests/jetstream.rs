//! Dead letters in a JetStream stream: several nodes, and a server that comes and goes.

use std::thread;
use std::time::{Duration, Instant};

use super::super::store::{Change, Ended};
use super::super::*;
use super::nats_server::NatsServer;
use super::support::{Node, error, event, letter, local, record, room, told};
use crate::{DeadLetterStream, JetStreamStore, Nats};

fn open(server: &NatsServer) -> JetStreamStore {
    JetStreamStore::open(Nats::url(server.url()), "DEAD_LETTERS").unwrap()
}

fn open_with(server: &NatsServer, lease: Duration) -> JetStreamStore {
    JetStreamStore::open(Nats::url(server.url()), DeadLetterStream::new("DEAD_LETTERS").lease(lease)).unwrap()
}

fn claim(store: &mut JetStreamStore, n: u64) -> Turned {
    store.turn(&letter(n).id, Status::New, Status::Replaying).unwrap()
}

fn status(store: &mut JetStreamStore, n: u64) -> Status {
    store.get(&letter(n).id).unwrap().unwrap().status
}

/// Waits until `condition` holds.
fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(20), "waited too long until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn nodes_see_each_others_letters() {
    let server = NatsServer::jetstream();
    let (mut one, mut other) = (open(&server), open(&server));
    record(&mut one, [letter(1)]);
    let elsewhere = DeadLetter { node: "billing.eu".to_owned(), ..letter(2) };
    record(&mut other, [elsewhere]);
    for store in [&mut one, &mut other] {
        let ids: Vec<_> = store.list(&Filter::new()).unwrap().into_iter().map(|letter| letter.id).collect();
        assert_eq!(ids, [letter(2).id, letter(1).id]);
        assert_eq!(told(&store.get(&letter(1).id).unwrap().unwrap()), told(&letter(1)));
        assert_eq!(store.groups(&Filter::new().service("mail")).unwrap()[0].count, 2);
    }
    // The same event that fails again, in whichever node, is the same letter.
    let again = DeadLetter { id: letter(9).id, ..letter(1) };
    let stored = record(&mut other, [again]).remove(0);
    assert_eq!((stored.id, stored.status), (letter(1).id, Status::New));
    assert_eq!(one.list(&Filter::new()).unwrap().letters.len(), 2);
}

#[test]
fn one_of_many_claims_wins() {
    let server = NatsServer::jetstream();
    record(&mut open(&server), (1..=50).map(letter));
    let claims = [(); 3].map(|()| {
        let mut store = open(&server);
        thread::spawn(move || {
            let won: Vec<_> =
                (1..=50).filter(|n| matches!(claim(&mut store, *n), Turned::Turned(_))).collect();
            (won, store)
        })
    });
    let (won, stores): (Vec<_>, Vec<_>) = claims.into_iter().map(|claims| claims.join().unwrap()).unzip();
    let mut won: Vec<_> = won.concat();
    won.sort_unstable();
    assert_eq!(won, (1..=50).collect::<Vec<_>>());
    drop(stores);
}

#[test]
fn a_page_leads_to_the_next_and_every_filter_holds() {
    let server = NatsServer::jetstream();
    let mut store = open(&server);
    let mut letters: Vec<_> = (1..=700).map(letter).collect();
    letters[6].service = String::new();
    letters[6].reason = Reason::NoSubscriber;
    record(&mut store, letters);
    let filter = Filter::new().oldest_first().limit(300);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.list(&Filter { after: after.clone(), ..filter.clone() }).unwrap();
        seen.extend(page.letters.into_iter().map(|letter| letter.id));
        let Some(next) = page.next else { break };
        after = Some(next);
    }
    assert_eq!(seen, (1..=700).map(|n| letter(n).id).collect::<Vec<_>>());
    for (filter, expected) in [
        (Filter::new().service(""), letter(7)),
        (Filter::new().reason(Reason::NoSubscriber), letter(7)),
        (Filter::new().event_id(letter(33).event_id), letter(33)),
        (Filter::new().text("host 444"), letter(444)),
    ] {
        let found = store.list(&filter).unwrap().letters;
        assert_eq!(found.into_iter().map(|it| it.id).collect::<Vec<_>>(), [expected.id], "{filter:?}");
    }
}

#[test]
fn letters_outlive_the_node_and_the_server() {
    let mut server = NatsServer::jetstream();
    let mut store = open(&server);
    record(&mut store, (1..=5).map(letter));
    store.turn(&letter(2).id, Status::New, Status::Discarded).unwrap();
    drop(store);
    server.kill();
    server.begin();
    let mut store = open(&server);
    let found: Vec<_> = (1..=5).map(|n| status(&mut store, n)).collect();
    assert_eq!(found, [Status::New, Status::Discarded, Status::New, Status::New, Status::New]);
}

#[test]
fn a_claim_ends_with_its_node() {
    let server = NatsServer::jetstream();
    let lease = Duration::from_millis(900);
    let mut witness = open_with(&server, lease);
    record(&mut witness, (1..=3).map(letter));

    let mut closed = open_with(&server, lease);
    claim(&mut closed, 1);
    assert!(matches!(claim(&mut witness, 1), Turned::Is(Status::Replaying)));
    drop(closed);
    until("the claim of the closed node is void", || status(&mut witness, 1) == Status::New);

    let mut killed = open_with(&server, lease);
    claim(&mut killed, 2);
    killed.kill();
    assert_eq!(status(&mut witness, 2), Status::Replaying, "its lease has not run out");
    until("the claim of the killed node is void", || status(&mut witness, 2) == Status::New);
    assert!(matches!(claim(&mut witness, 2), Turned::Turned(_)));
}

#[test]
fn a_claim_holds_for_as_long_as_its_node_is_there() {
    let server = NatsServer::jetstream();
    let lease = Duration::from_millis(600);
    let (mut one, mut other) = (open_with(&server, lease), open_with(&server, lease));
    record(&mut one, [letter(1)]);
    claim(&mut one, 1);
    let began = Instant::now();
    while began.elapsed() < 4 * lease {
        assert!(matches!(claim(&mut other, 1), Turned::Is(Status::Replaying)));
        assert_eq!(other.list(&Filter::new().status(Status::New)).unwrap().letters.len(), 0);
        thread::sleep(lease / 10);
    }
    let settle = Change::Settle { id: letter(1).id, replay_count: 0, ended: Ended::Handled };
    other.write(&mut [settle.clone()]).unwrap();
    assert_eq!(status(&mut other, 1), Status::Replaying, "only who has claimed it can end it");
    one.write(&mut [settle]).unwrap();
    assert_eq!(status(&mut other, 1), Status::Resolved);
}

#[test]
fn what_is_written_twice_is_stored_once() {
    let server = NatsServer::jetstream();
    let mut store = open(&server);
    let mut changes: Vec<_> = (1..=10).map(|n| Change::Record(Box::new(letter(n)))).collect();
    store.write(&mut changes).unwrap();
    store.turn(&letter(3).id, Status::New, Status::Discarded).unwrap();
    // As after an answer that was lost.
    store.write(&mut changes).unwrap();
    assert_eq!(store.list(&Filter::new()).unwrap().letters.len(), 10);
    assert_eq!(status(&mut store, 3), Status::Discarded);
}

#[test]
fn while_the_server_is_away_letters_wait() {
    let mut server = NatsServer::jetstream();
    let (sink, letters) = local(async {
        let (sink, letters) = room(open(&server));
        sink.bury(&event("order.created", 0), "mail", "mailed", error("no route"), None);
        letters.flush().await.unwrap();
        server.kill();
        for n in 1..=20 {
            sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
        }
        let failed = letters.flush().await.unwrap_err();
        assert!(matches!(failed, StoreError::Failed(_)), "{failed}");
        assert_eq!(letters.stats().waiting, 20);
        server.begin();
        let began = Instant::now();
        while letters.flush().await.is_err() {
            assert!(began.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(letters.list(Filter::new()).await.unwrap().letters.len(), 21);
        assert_eq!((letters.stats().waiting, letters.stats().dropped), (0, 0));
        (sink, letters)
    });
    drop((sink, letters));
}

#[test]
fn a_store_that_keeps_trying_opens_without_the_server() {
    let mut server = NatsServer::jetstream();
    server.kill();
    let nats =
        Nats::url(server.url()).keep_trying().reconnect_waits(Duration::ZERO, Duration::from_millis(50));
    let mut store = JetStreamStore::open(nats, "DEAD_LETTERS").unwrap();
    let change = || Change::Record(Box::new(letter(1)));
    assert!(matches!(store.write(&mut [change()]), Err(StoreError::Failed(_))));
    server.begin();
    until("the letter is stored", || store.write(&mut [change()]).is_ok());
    assert_eq!(status(&mut store, 1), Status::New);
}

#[test]
fn a_stream_that_was_made_anew_is_looked_through_again() {
    let server = NatsServer::jetstream();
    let mut witness = open(&server);
    record(&mut open(&server), (1..=9).map(letter));
    assert_eq!(status(&mut witness, 9), Status::New);
    local(async {
        let context = async_nats::jetstream::new(async_nats::connect(server.url()).await.unwrap());
        context.delete_stream("DEAD_LETTERS").await.unwrap();
    });
    record(&mut open(&server), [letter(11)]);
    assert_eq!(status(&mut witness, 11), Status::New);
    assert!(witness.get(&letter(9).id).unwrap().is_none());
}

#[test]
fn what_cannot_be_opened_says_why() {
    let refused = |nats: Nats, stream: &str| JetStreamStore::open(nats, stream).unwrap_err().to_string();
    let nowhere = Nats::url("nats://127.0.0.1:1").connect_timeout(Duration::from_secs(1));
    assert!(refused(nowhere, "DEAD_LETTERS").contains("127.0.0.1:1 cannot be reached"));
    let plain = NatsServer::start();
    assert!(refused(Nats::url(plain.url()), "DEAD_LETTERS").contains("JetStream must be on"));
    assert!(refused(Nats::url(plain.url()), "DEAD.LETTERS").contains("its name holds '.'"));

    let server = NatsServer::jetstream();
    local(async {
        let context = async_nats::jetstream::new(async_nats::connect(server.url()).await.unwrap());
        let config = async_nats::jetstream::stream::Config {
            name: "ORDERS".to_owned(),
            subjects: vec!["order.>".to_owned()],
            ..Default::default()
        };
        context.create_stream(config).await.unwrap();
    });
    let refused = refused(Nats::url(server.url()), "ORDERS");
    assert!(refused.contains("order.>") && refused.contains("orders.>"), "{refused}");
}

#[test]
fn a_letter_over_the_servers_limit_is_refused_and_the_others_are_kept() {
    let server = NatsServer::with("jetstream { store_dir: \"$FOLDER/store\" }\nmax_payload: 8KB\n");
    local(async {
        let (sink, letters) = room(open(&server));
        sink.bury(&event("order.created", "x".repeat(10_000)), "mail", "mailed", error("no route"), None);
        sink.bury(&event("order.created", 1), "mail", "mailed", error("no route"), None);
        letters.flush().await.unwrap();
        assert_eq!(letters.list(Filter::new()).await.unwrap().letters.len(), 1);
        assert_eq!(letters.stats().dropped, 1);
    });
}

#[test]
fn nodes_that_replay_at_once_share_the_letters() {
    let server = NatsServer::jetstream();
    local(async {
        let ((sink, one), (_sink, other)) = (room(open(&server)), room(open(&server)));
        let nodes = [Node::handling().behind(&one), Node::handling().behind(&other)];
        for n in 0..60 {
            sink.bury(&event("order.created", n), "mail", "mailed", error("no route"), None);
        }
        one.flush().await.unwrap();
        let all = || ReplayOptions::new().at_once(4);
        let reports = futures::future::join(
            one.replay_matching(Filter::new(), all()),
            other.replay_matching(Filter::new(), all()),
        );
        let reports = <[ReplayReport; 2]>::from(reports.await);
        assert_eq!(reports.iter().map(|report| report.handled).sum::<u64>(), 60, "{reports:?}");
        assert_eq!(nodes.iter().map(|node| node.delivered()).sum::<usize>(), 60);
        let left = other.list(Filter::new().status(Status::Resolved)).await.unwrap().letters;
        assert!(left.len() == 60 && left.iter().all(|letter| letter.replay_count == 1));
    });
}

//! Services spread over two nodes that are cut apart and joined again, over and over: every request settles, and is run
//! at most once; every event is handled, is a dead letter at one of the two ends, or was lost on the wire, which TCP's
//! promise (at most once) allows and the two ledgers together count. Order is kept. What could not be sent is replayed.
//!
//! `NESTLING_CHAOS_SEED` and `NESTLING_CHAOS_EVENTS` as in `chaos`.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use futures::future::join_all;
use nestling::prelude::*;
use nestling::{ReplayOptions, Tcp, TcpClient};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::chaos::setting;

const EMITTERS: u64 = 4;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "book", response = u64, error = Refused)]
struct Book {
    number: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{number} is refused")]
struct Refused {
    number: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("happened")]
struct Happened {
    emitter: u64,
    number: u64,
}

/// What the far node's services have seen.
#[derive(Default)]
struct Seen {
    booked: RefCell<Vec<u64>>,
    happened: RefCell<Vec<(u64, u64)>>,
}

struct Books(Rc<Seen>);
impl Actor for Books {
    type Context = Context<Self>;
}
impl Supervised for Books {}
impl Service for Books {
    const NAME: &'static str = "books";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Book>().event::<Happened>();
    }
}
impl Handler<Book> for Books {
    type Result = ResponseFuture<Result<u64, Refused>>;
    fn handle(&mut self, Book { number }: Book, _: &mut Context<Self>) -> Self::Result {
        self.0.booked.borrow_mut().push(number);
        Box::pin(async move {
            match number % 11 {
                3 => return Err(Refused { number }),
                5 => panic!("{number} is too much"),
                7 => tokio::time::sleep(Duration::from_millis(number % 20)).await,
                _ => {}
            }
            Ok(number + 1)
        })
    }
}
impl Handler<Happened> for Books {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: Happened, _: &mut Context<Self>) -> Self::Result {
        self.0.happened.borrow_mut().push((event.emitter, event.number));
        match event.number % 13 {
            4 => Err(EventError::msg("not this one")),
            6 => panic!("not that one either"),
            _ => Ok(()),
        }
    }
}

/// Stands between the two nodes, and can cut all that goes through it.
struct Cable {
    address: SocketAddr,
    joined: watch::Sender<bool>,
}

impl Cable {
    async fn to(far: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (joined, watched) = watch::channel(true);
        tokio::task::spawn_local(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut watched = watched.clone();
                tokio::task::spawn_local(async move {
                    if !*watched.borrow_and_update() {
                        return;
                    }
                    let Ok(mut far) = TcpStream::connect(far).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = watched.changed() => {}
                    }
                });
            }
        });
        Self { address, joined }
    }
}

/// What has become of the requests.
#[derive(Debug, Default)]
struct Outcomes {
    answered: HashSet<u64>,
    refused: HashSet<u64>,
    remote: u64,
    transport: u64,
    timeout: u64,
}

async fn ask(client: &Client, numbers: std::ops::Range<u64>) -> Outcomes {
    let asked = join_all(numbers.map(|number| async move {
        (number, client.send(Book { number }).timeout(Duration::from_secs(20)).await)
    }));
    let mut outcomes = Outcomes::default();
    for (number, outcome) in asked.await {
        match outcome {
            Ok(answer) => {
                assert_eq!(answer, number + 1);
                outcomes.answered.insert(number);
            }
            Err(RequestError::Handler(Refused { number: refused })) => {
                assert_eq!(refused, number);
                outcomes.refused.insert(number);
            }
            Err(RequestError::Remote(_)) => outcomes.remote += 1,
            Err(RequestError::Transport { .. }) => outcomes.transport += 1,
            Err(RequestError::Timeout { .. }) => outcomes.timeout += 1,
            Err(other) => panic!("{other}"),
        }
    }
    outcomes
}

/// All dead letters of a node.
async fn unreachable(node: &Node) -> Vec<DeadLetter> {
    let mut letters = Vec::new();
    let mut filter = Filter::new().oldest_first().limit(1_000);
    loop {
        let page = node.dead_letters().list(filter.clone()).await.unwrap();
        letters.extend(page.letters);
        match page.next {
            Some(next) => filter = filter.after(next),
            None => return letters,
        }
    }
}

/// Waits until `holds`, within reason.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[actix::test]
async fn every_request_settles_and_every_event_is_accounted_for() {
    let _ = tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new());
    let seed = setting("NESTLING_CHAOS_SEED", fastrand::u64(..));
    let rounds = setting("NESTLING_CHAOS_EVENTS", 10_000) / 250;
    println!("NESTLING_CHAOS_SEED={seed}, {rounds} rounds");
    let mut random = fastrand::Rng::with_seed(seed);
    let seen = Rc::new(Seen::default());
    let far = {
        let seen = Rc::clone(&seen);
        let node = Node::builder("far").service_with(move |_| Books(Rc::clone(&seen)));
        node.dead_letters(MemoryStore::new(1_000_000)).listen(Tcp::port(0)).start().await.unwrap()
    };
    let cable = Cable::to(far.listening()[0]).await;
    let peer = TcpClient::builder(cable.address.to_string())
        .reconnect(Backoff::new(Duration::from_millis(1), 2.0, Duration::from_millis(20)))
        .build();
    let near = Node::builder("near")
        .dead_letters(MemoryStore::new(1_000_000))
        .remote::<Book>(&peer)
        .forward::<Happened>(&peer)
        .start()
        .await
        .unwrap();
    let client = near.client();

    let emitted = Cell::new(0);
    let mut sum = Outcomes::default();
    for round in 0..rounds {
        let numbers = round * 50..(round + 1) * 50;
        let emit = async {
            for _ in 0..200 / EMITTERS {
                for emitter in 0..EMITTERS {
                    client.emit(Happened { emitter, number: emitted.get() });
                    emitted.set(emitted.get() + 1);
                }
                tokio::task::yield_now().await;
            }
        };
        let cut = async {
            tokio::time::sleep(Duration::from_micros(random.u64(..4_000))).await;
            if random.u8(..3) > 0 {
                cable.joined.send_replace(false);
                tokio::time::sleep(Duration::from_micros(random.u64(..6_000))).await;
                cable.joined.send_replace(true);
            }
        };
        let (outcomes, (), ()) = futures::join!(ask(&client, numbers), emit, cut);
        sum.answered.extend(outcomes.answered);
        sum.refused.extend(outcomes.refused);
        sum.remote += outcomes.remote;
        sum.transport += outcomes.transport;
        sum.timeout += outcomes.timeout;
    }
    // Cut for so long that the forwarder cannot hold all.
    cable.joined.send_replace(false);
    // Until the near node has noticed.
    while ask(&client, 2_000_000..2_000_001).await.transport == 0 {}
    for _ in 0..12_000 {
        client.emit(Happened { emitter: 0, number: emitted.get() });
        emitted.set(emitted.get() + 1);
    }
    until("the forwarder is full", || near.stats().registry_backlog == 0).await;
    cable.joined.send_replace(true);
    let forwarder = format!("forward to {}", peer.name());
    let sent = || near.stats().subscription(&forwarder, "happened").unwrap();
    until("the forwarder ends", || sent().queued + sent().in_flight == 0).await;
    let got = || far.stats().subscription("books", "happened").unwrap();
    // What was written to a connection that still stands comes; one request behind it says when.
    until("the last events come", || got().queued + got().in_flight == 0).await;
    ask(&client, 1_000_000..1_000_001).await;
    until("the last events are handled", || got().queued + got().in_flight == 0).await;

    // Requests: each settles, which `ask` has shown, and none runs twice.
    let booked: HashSet<u64> = seen.booked.borrow().iter().copied().collect();
    assert_eq!(booked.len(), seen.booked.borrow().len(), "a request ran twice");
    assert!(sum.answered.is_subset(&booked) && sum.refused.is_subset(&booked));
    // Events: the two ledgers balance, and together they say how many were lost on the wire.
    let (sent, got) = (sent(), got());
    assert_eq!((sent.imbalance(), got.imbalance()), (0, 0));
    assert_eq!(sent.delivered, emitted.get());
    let happened = seen.happened.borrow().clone();
    let came: HashSet<(u64, u64)> = happened.iter().copied().collect();
    assert_eq!(came.len(), happened.len(), "an event came twice");
    assert_eq!(got.delivered, came.len() as u64);
    assert!(sent.handled >= got.delivered, "{sent:?} {got:?}");
    let lost = sent.handled - got.delivered;
    println!(
        "{sum:?}",
        sum = (sum.answered.len(), sum.refused.len(), sum.remote, sum.transport, sum.timeout)
    );
    println!(
        "{} emitted, {} sent, {} unreachable, {} came, {lost} lost on the wire",
        emitted.get(),
        sent.handled,
        sent.dead_lettered,
        got.delivered
    );
    let mut last = BTreeMap::new();
    for (emitter, number) in happened {
        assert!(last.insert(emitter, number).is_none_or(|before| before < number), "out of order");
    }
    let letters = unreachable(&near).await;
    assert_eq!(letters.len() as u64, sent.dead_lettered);
    assert!(!letters.is_empty());
    for letter in &letters {
        assert_eq!(letter.reason, Reason::Unreachable, "{letter:?}");
        let event: Happened = serde_json::from_str(letter.payload.get()).unwrap();
        assert!(!came.contains(&(event.emitter, event.number)), "it came, and is a dead letter");
    }

    // Joined for good, what could not be sent is sent.
    let report = near.dead_letters().replay_matching(Filter::new(), ReplayOptions::new().at_once(64)).await;
    assert_eq!((report.handled, report.error.as_ref()), (letters.len() as u64, None), "{report:?}");
    let wanted = came.len() + letters.len();
    until("what is replayed comes", || seen.happened.borrow().len() == wanted).await;

    let report = near.shutdown(Duration::from_secs(10)).await;
    assert!(report.drained && report.stats.balances());
    let report = far.shutdown(Duration::from_secs(10)).await;
    assert!(report.drained && report.stats.balances());
}

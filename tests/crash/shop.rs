//! What the process runs: services that take the same events in different ways.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use nestling::prelude::*;
use nestling::rusqlite::Connection;
use nestling::{Nats, Stream};

use crate::child::Care;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("order.paid")]
pub(crate) struct Paid {
    pub(crate) n: u64,
}

/// The services whose effects commit in the store's transaction.
pub(crate) const IN_TRANSACTION: [&str; 2] = [Ledger::NAME, Stock::NAME];

/// The files of the process.
#[derive(Clone)]
pub(crate) struct Files(pub(crate) PathBuf);

impl Files {
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("shop.db")
    }

    /// What the mail service has sent, a line each.
    pub(crate) fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }
}

/// The stream, for redeliveries within a test's time: many processes die with an event in hand.
pub(crate) fn orders() -> Stream {
    Stream::new("ORDERS").subjects(["order.>"]).ack_wait(Duration::from_secs(1)).max_deliveries(10_000)
}

pub(crate) async fn start(url: &str, files: &Files, care: Care) -> Node {
    let effects = "CREATE TABLE IF NOT EXISTS effects (service TEXT NOT NULL, n INTEGER NOT NULL)";
    let handled = SqliteHandled::open(files.database()).unwrap().execute(effects).unwrap();
    Node::builder("shop")
        .connect(Nats::url(url))
        .durable(orders())
        .handled(handled)
        .dead_letters(SqliteStore::open(files.database()).unwrap())
        .service(Ledger { book: Book::new(files, care) })
        .service(Stock { book: Book::new(files, care) })
        .service(Mail { file: files.mail() })
        .start()
        .await
        .unwrap()
}

/// Where effects are written.
#[derive(Clone)]
struct Book {
    database: PathBuf,
    care: Care,
}

impl Book {
    fn new(files: &Files, care: Care) -> Self {
        Self { database: files.database(), care }
    }

    async fn enter(&self, service: &'static str, paid: &Delivery<Paid>) -> Result<(), EventError> {
        let n = i64::try_from(paid.n)?;
        match self.care {
            Care::Transactions => {
                paid.transaction(move |tx| write(tx, service, n)).await?;
            }
            Care::None => {
                write(&open(&self.database)?, service, n)?;
                // As long as an honest handler may take before it is done.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Ok(())
    }
}

fn open(database: &Path) -> Result<Connection, EventError> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

fn write(connection: &Connection, service: &str, n: i64) -> Result<(), EventError> {
    connection.execute("INSERT INTO effects VALUES (?1, ?2)", (service, n))?;
    Ok(())
}

/// In order, one at a time.
struct Ledger {
    book: Book,
}

impl Actor for Ledger {
    type Context = Context<Self>;
}
impl Supervised for Ledger {}
impl Service for Ledger {
    const NAME: &'static str = "ledger";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<Paid>>();
    }
}
impl Handler<Delivery<Paid>> for Ledger {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, paid: Delivery<Paid>, _: &mut Context<Self>) -> Self::Result {
        let book = self.book.clone();
        Box::pin(async move { book.enter(Self::NAME, &paid).await })
    }
}

/// Many at once; some fail first, before or after their effect, and some for good.
struct Stock {
    book: Book,
}

impl Actor for Stock {
    type Context = Context<Self>;
}
impl Supervised for Stock {}
impl Service for Stock {
    const NAME: &'static str = "stock";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns
            .restart_on(RestartOn::Panic)
            .event::<Delivery<Paid>>()
            .concurrency(8)
            .retry(Retry::immediate(50));
    }
}
impl Handler<Delivery<Paid>> for Stock {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, paid: Delivery<Paid>, _: &mut Context<Self>) -> Self::Result {
        let book = self.book.clone();
        Box::pin(async move {
            match paid.n % 50 {
                7 => return Err(EventError::permanent(EventError::msg("there is no such thing"))),
                13 if paid.attempt() == 1 => return Err(EventError::msg("not now")),
                _ => {}
            }
            book.enter(Self::NAME, &paid).await?;
            // The next attempt finds the effect committed.
            let fails = paid.n % 50 == 29 && paid.attempt() == 1 && book.care == Care::Transactions;
            if fails { Err(EventError::msg("the screen is off")) } else { Ok(()) }
        })
    }
}

/// Does what no transaction covers, so at least once, and after one.
struct Mail {
    file: PathBuf,
}

impl Actor for Mail {
    type Context = Context<Self>;
}
impl Supervised for Mail {}
impl Service for Mail {
    const NAME: &'static str = "mail";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<Paid>>().concurrency(4);
    }
}
impl Handler<Delivery<Paid>> for Mail {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, paid: Delivery<Paid>, _: &mut Context<Self>) -> Self::Result {
        let file = self.file.clone();
        Box::pin(async move {
            // What has committed is no reason to leave out the rest.
            paid.transaction(|_| Ok(())).await?;
            let mut file = OpenOptions::new().create(true).append(true).open(file)?;
            file.write_all(format!("{}\n", paid.n).as_bytes())?;
            Ok(())
        })
    }
}

//! Feeds the shop with purchases, a fixed number of orders at a time.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, BufRead};
use std::path::Path;
use std::pin::pin;
use std::{process, thread};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use indicatif::ProgressBar;
use nestling::prelude::*;
use tokio::sync::mpsc;

use crate::messages::{CreateOrder, InventoryError, OrderError};
use crate::money::Cents;
use crate::purchases::{BadRow, Purchase, Purchases};

/// What became of the purchases.
#[derive(Debug, Default)]
pub(crate) struct Fed {
    pub(crate) purchases: u64,
    pub(crate) bad_rows: u64,
    pub(crate) cds: u64,
    /// What all purchases are worth, accepted or not.
    pub(crate) worth: Cents,
    pub(crate) accepted: u64,
    /// Orders that were not accepted, by reason.
    pub(crate) rejected: BTreeMap<&'static str, u64>,
    /// Orders that nobody answered: each was told on stderr.
    pub(crate) unanswered: u64,
    pub(crate) interrupted: bool,
}

/// Sends each purchase as an order, `in_flight` of them at a time, and waits for all answers. Rows that are no
/// purchase are told on stderr. Ctrl-C ends the reading; a second one ends the process.
///
/// The second value is an error if the file could not be read to its end; what was under way is finished first.
pub(crate) async fn feed(
    client: &Client,
    file: &Path,
    purchases: Purchases<impl BufRead + Send + 'static>,
    in_flight: usize,
    bar: &ProgressBar,
) -> (Fed, io::Result<()>) {
    let tell = |line, what: &dyn Display| bar.suspend(|| eprintln!("{}:{line}: {what}", file.display()));
    let (mut fed, mut end) = (Fed::default(), Ok(()));
    let mut rows = read(purchases);
    let mut reading = true;
    let mut under_way = FuturesUnordered::new();
    let mut ctrl_c = pin!(tokio::signal::ctrl_c());
    while reading || !under_way.is_empty() {
        tokio::select! {
            biased;
            Ok(()) = &mut ctrl_c, if !fed.interrupted => {
                fed.interrupted = true;
                reading = false;
                actix::spawn(async { tokio::signal::ctrl_c().await.map(|()| process::exit(130)) });
            }
            Some((line, answer)) = under_way.next() => {
                if let Err(error) = fed.answered(answer) {
                    tell(line, &error);
                }
                bar.set_message(format!("{} orders", fed.accepted));
            }
            row = rows.recv(), if reading && under_way.len() < in_flight => match row {
                None => reading = false,
                Some(Row::Purchase(purchase, position)) => {
                    fed.read(&purchase);
                    under_way.push(order(client, purchase));
                    bar.set_position(position);
                }
                Some(Row::Bad(bad)) => {
                    fed.bad_rows += 1;
                    tell(bad.line, &bad);
                }
                Some(Row::Broken(error)) => end = Err(error),
            },
        }
    }
    (fed, end)
}

/// What the reading thread has to say.
enum Row {
    /// With how far the file has been read.
    Purchase(Purchase, u64),
    Bad(BadRow),
    Broken(io::Error),
}

/// Reads in a thread of its own: a pipe can block for as long as it likes, and Ctrl-C is still heard.
fn read(mut purchases: Purchases<impl BufRead + Send + 'static>) -> mpsc::Receiver<Row> {
    let (rows, received) = mpsc::channel(1024);
    thread::spawn(move || {
        loop {
            let row = match purchases.next_row() {
                Ok(Some(Ok(purchase))) => Row::Purchase(purchase, purchases.bytes_read()),
                Ok(Some(Err(bad))) => Row::Bad(bad),
                Ok(None) => break,
                Err(error) => {
                    // Nobody listens any more once the shop has been interrupted.
                    let _ = rows.blocking_send(Row::Broken(error));
                    break;
                }
            };
            if rows.blocking_send(row).is_err() {
                break;
            }
        }
    });
    received
}

type Answer = Result<(), RequestError<OrderError>>;

async fn order(client: &Client, purchase: Purchase) -> (u64, Answer) {
    let Purchase { line, customer_id, date, quantity, total } = purchase;
    let answer = client.send(CreateOrder { customer_id, date, quantity, total }).await;
    (line, answer.map(|_order_id| ()))
}

impl Fed {
    fn read(&mut self, purchase: &Purchase) {
        self.purchases += 1;
        self.cds += u64::from(purchase.quantity);
        self.worth += purchase.total;
    }

    fn answered(&mut self, answer: Answer) -> Result<(), RequestError<OrderError>> {
        let reason = match answer {
            Ok(()) => {
                self.accepted += 1;
                return Ok(());
            }
            Err(RequestError::Handler(OrderError::NotInStock(InventoryError::SoldOut))) => "sold out",
            Err(RequestError::Handler(OrderError::NotInStock(InventoryError::NotEnough { .. }))) => {
                "not enough in stock"
            }
            Err(RequestError::Handler(OrderError::TakenMeanwhile(_))) => "taken by a faster order",
            Err(error) => {
                self.unanswered += 1;
                return Err(error);
            }
        };
        *self.rejected.entry(reason).or_default() += 1;
        Ok(())
    }
}

//! The topology: which services there are, and how the node that holds them starts and ends.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use actix::{MailboxError, Message};
use nestling::StoreError;
use nestling::prelude::*;

use crate::gateway::Gateway;
use crate::purchases::FileError;
use crate::services::analytics::Analytics;
use crate::services::audit::Audit;
use crate::services::inventory::Inventory;
use crate::services::notifications::Notifications;
use crate::services::order_book::OrderBook;
use crate::services::orders::Orders;
use crate::services::users::Users;

/// Why nothing could be done, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShopError {
    #[error("{}: {problem}", file.display())]
    Purchases { file: PathBuf, problem: FileError },
    #[error("{}: cannot be read any further: {problem}", file.display())]
    Interrupted { file: PathBuf, problem: io::Error },
    #[error("{}: there is no such file of dead letters: run the example without --replay first", .0.display())]
    NoDeadLetters(PathBuf),
    #[error("the service {0} did not answer: {1}")]
    Silent(&'static str, MailboxError),
    #[error("the service {0} is not part of the shop")]
    Absent(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Opens the shop.
pub(crate) async fn open(
    stock: u64,
    gateway: Gateway,
    book: OrderBook,
    dead_letters: &Path,
) -> Result<Node, ShopError> {
    let node = Node::builder("shop")
        .service(Inventory::new(stock))
        .service_with(move |client| Orders::new(client, book.clone()))
        .service(Users::default())
        .service(Notifications::new(gateway))
        .service(Analytics::default())
        .service(Audit::default())
        .dead_letters(SqliteStore::open(dead_letters)?)
        .start()
        .await?;
    Ok(node)
}

/// Waits until every event has been handled or buried.
pub(crate) async fn idle(node: &Node) {
    loop {
        let stats = node.stats();
        let total = stats.total();
        if stats.registry_backlog + total.queued + total.in_flight == 0 {
            return;
        }
        actix::clock::sleep(Duration::from_millis(1)).await;
    }
}

/// Asks a service with a plain actix message, through its plain actix address.
pub(crate) async fn ask<S, M>(node: &Node, message: M) -> Result<M::Result, ShopError>
where
    S: Service + Handler<M>,
    M: Message<Result: Send> + Send + 'static,
{
    let addr = node.addr::<S>().ok_or(ShopError::Absent(S::NAME))?;
    addr.send(message).await.map_err(|error| ShopError::Silent(S::NAME, error))
}

/// How many dead letters there are since `since`, by reason.
pub(crate) async fn dead_by_reason(
    node: &Node,
    since: SystemTime,
) -> Result<BTreeMap<Reason, u64>, StoreError> {
    let mut letters = BTreeMap::new();
    for group in node.dead_letters().groups(Filter::new().since(since).limit(usize::MAX)).await? {
        *letters.entry(group.reason).or_default() += group.count;
    }
    Ok(letters)
}

//! One process of the cluster: a node with one service.

use std::path::Path;
use std::time::Duration;

use nestling::prelude::*;
use nestling::{Nats, NodeBuilder};

use crate::cli::{Cli, Role};
use crate::error::ClusterError;
use crate::gateway::Gateway;
use crate::process::{LastWords, READY};
use crate::services::analytics::{self, Analytics};
use crate::services::audit::{self, Audit};
use crate::services::inventory::Inventory;
use crate::services::notifications::{self, Notifications};
use crate::services::order_book::OrderBook;
use crate::services::orders::Orders;
use crate::services::users::{self, Users};
use crate::{state, stream};

/// The name that all processes share: to NATS they are one application.
pub(crate) const NODE: &str = "shop";

/// A node of the shop, on this broker.
pub(crate) fn node(nats: &str) -> NodeBuilder {
    Node::builder(NODE).connect(Nats::url(nats)).durable(stream::declared())
}

/// Runs one service until it is told to end.
pub(crate) async fn run(role: Role, cli: &Cli) -> Result<(), ClusterError> {
    let (Some(nats), Some(data)) = (&cli.nats, &cli.data) else { return Ok(()) };
    let file = state::file(data, role);
    let book = OrderBook::default();
    let node = node(nats);
    let node = match role {
        Role::Inventory => node.service(Inventory::new(cli.stock)),
        Role::Orders => {
            let book = book.clone();
            node.service_with(move |client| Orders::new(client, book.clone()))
        }
        Role::Users => durable(node, &file, users::TABLE)?.service(Users),
        Role::Notifications => {
            durable(node, &file, notifications::TABLE)?.service(Notifications::new(Gateway::faulty()))
        }
        Role::Analytics => durable(node, &file, analytics::TABLE)?.service(Analytics),
        Role::Audit => durable(node, &file, audit::TABLE)?.service(Audit),
    };
    let node = node.dead_letters(SqliteStore::open(&file)?);
    let node = node.shutdown_limit(Duration::from_secs(20)).start().await?;
    println!("{READY}");
    let stats = node.run_until_signal().await.stats;
    let restarts = stats.services.iter().map(|service| service.restarts).sum();
    let last = LastWords { restarts, removed_orders: book.removed() };
    println!("{}", serde_json::to_string(&last).unwrap_or_default());
    Ok(())
}

/// Keeps what the service knows, and which events it has handled, in its file.
fn durable(node: NodeBuilder, file: &Path, table: &str) -> Result<NodeBuilder, ClusterError> {
    Ok(node.handled(state::open(file, table)?))
}

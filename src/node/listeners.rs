//! The node's listeners: bound before a service runs, open when all of them do.

use std::sync::Arc;
use std::time::Duration;

use super::{Node, StartError};
use crate::transport::tcp::{Bound, Server, Tcp};

/// Takes all addresses.
///
/// # Errors
///
/// The first that cannot be taken.
pub(super) fn bind(node: &str, listeners: Vec<Tcp>) -> Result<Vec<Bound>, StartError> {
    let bind = |tcp| {
        Bound::new(tcp).map_err(|(address, reason)| StartError::Listen {
            node: node.to_owned(),
            address,
            reason,
        })
    };
    listeners.into_iter().map(bind).collect()
}

/// Lets peers in.
///
/// # Errors
///
/// If the runtime takes no sockets.
pub(super) fn start(node: &mut Node, bound: Vec<Bound>) -> Result<(), StartError> {
    for bound in bound {
        let address = bound.address();
        let server = Server::start(bound, Arc::clone(&node.core)).map_err(|error| StartError::Listen {
            node: node.core.name.to_string(),
            address,
            reason: error.to_string(),
        })?;
        node.servers.push(server);
    }
    Ok(())
}

impl Node {
    pub(super) fn stop_accepting(&self) {
        for server in &self.servers {
            server.stop_accepting();
        }
    }

    /// Lets all connections answer what is in flight, and ends them.
    pub(super) async fn close_connections(&mut self, limit: Duration) {
        futures::future::join_all(self.servers.iter_mut().map(|server| server.close(limit))).await;
    }

    /// Ends the connections that are left.
    pub(super) async fn cut_off_connections(&mut self, limit: Duration) {
        futures::future::join_all(self.servers.iter_mut().map(|server| server.cut_off(limit))).await;
    }
}

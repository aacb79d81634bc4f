//! Why a node did not start.

/// Why a node did not start. Nothing of it is left running.
///
/// Its `Debug` is its message, since that is what a `main` that returns it prints.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is no place for local tasks here.
    #[error(
        "node `{node}` cannot start here: actors need a local task set; use `#[actix::main]`, `#[actix_web::main]`, \
         or run this inside `tokio::task::LocalSet::run_until`"
    )]
    NoLocalSet {
        /// The node.
        node: String,
    },
    /// The runtime here keeps no time.
    #[error("node `{node}` cannot start here: the runtime has no timers; build it with `enable_all()`")]
    NoTimers {
        /// The node.
        node: String,
    },
    /// What the services declare does not fit together; all that is wrong is named.
    #[error("node `{node}` cannot start:{}", list(problems))]
    Patterns {
        /// The node.
        node: String,
        /// Everything that is wrong.
        problems: Vec<String>,
    },
    /// A service's factory panicked.
    #[error("service `{service}` could not be made: its factory panicked: {message}")]
    Factory {
        /// The service.
        service: String,
        /// What the factory panicked with.
        message: String,
    },
    /// A service's thread or arbiter is not there.
    #[error("service `{service}` has no thread to run on: {reason}")]
    Thread {
        /// The service.
        service: String,
        /// What happened to it.
        reason: String,
    },
    /// An address cannot be listened on.
    #[error("node `{node}` cannot listen on {address}: {reason}")]
    Listen {
        /// The node.
        node: String,
        /// The address.
        address: std::net::SocketAddr,
        /// What happened, or what is missing.
        reason: String,
    },
    /// The thread of the store of handled events could not be started.
    #[error("the handled events of node `{node}` cannot be kept: {reason}")]
    Handled {
        /// The node.
        node: String,
        /// What happened.
        reason: String,
    },
    /// There is no connection to NATS.
    #[error("node `{node}` cannot connect to NATS at {server}: {reason}")]
    Nats {
        /// The node.
        node: String,
        /// The server, or several.
        server: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A durable stream, or the consumer of a service, cannot be had as it is declared.
    #[error("node `{node}` cannot have its durable events: {reason}")]
    Durable {
        /// The node.
        node: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The dead letters' writer could not be started.
    #[error("the dead letters of node `{node}` cannot be kept: {reason}")]
    DeadLetters {
        /// The node.
        node: String,
        /// What happened.
        reason: String,
    },
}

impl std::fmt::Debug for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

fn list(problems: &[String]) -> String {
    problems.iter().map(|problem| format!("\n  - {problem}")).collect()
}

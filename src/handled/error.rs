//! Why handled events cannot be kept.

/// Why a store of handled events did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandledError {
    /// The file cannot be opened, read or written.
    #[error("the store of handled events `{path}` cannot be used: {problem}")]
    Open {
        /// The file.
        path: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The file was written by a newer version of this crate.
    #[error(
        "the handled events in `{path}` were written by a newer version of nestling (schema {found}, this version \
         knows {known}): update nestling, or use another file"
    )]
    NewerSchema {
        /// The file.
        path: String,
        /// The version of its tables.
        found: i64,
        /// The newest version that this crate knows.
        known: i64,
    },
    /// The store failed now; it may work again later.
    #[error("the store of handled events failed: {0}")]
    Failed(String),
    /// The store panicked.
    #[error("the store of handled events panicked: {0}")]
    Panicked(String),
    /// The node has shut down.
    #[error("the node has shut down, and its store of handled events is closed")]
    Closed,
}

//! Tests of the whole room: what callers of the sink, and users of the handle, can rely on.

mod burying;
mod closing;
mod conformance;
#[cfg(all(feature = "sqlite", unix))]
mod killed;
mod live;
mod many_replays;
mod outage;
mod paging;
mod replays;
#[cfg(feature = "sqlite")]
mod sqlite_file;
mod support;
mod writing;

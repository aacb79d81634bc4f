//! Tests of the whole room: what callers of the sink, and users of the handle, can rely on.

mod burying;
mod closing;
mod conformance;
#[cfg(feature = "nats")]
mod jetstream;
#[cfg(all(feature = "sqlite", unix))]
mod killed;
mod live;
mod many_replays;
#[cfg(feature = "nats")]
#[path = "../../../tests/support/nats_server.rs"]
mod nats_server;
mod outage;
mod paging;
mod replays;
#[cfg(feature = "sqlite")]
mod sqlite_file;
mod support;
mod writing;

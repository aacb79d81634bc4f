//! Real NestJS, at either end of the wire: its clients against this crate's services, this crate's client against its
//! services.
//!
//! They need Node.js, and `npm ci` in `tests/interop/nest` and in `examples/nest_bridge/nest`:
//! `.ci/run interop` does it all, `cargo test --features interop --test interop` runs them alone.

mod a_killed_client_harms_nobody;
mod a_killed_service_settles_every_call;
mod a_megabyte_of_every_plane;
mod a_stream_left_early_is_dropped;
mod every_event_reaches_its_subscribers;
mod every_row_is_answered;
mod five_hundred_calls_at_once;
#[path = "../support/nats_server.rs"]
mod nats_server;
mod nest;
mod nestjs_is_called_by_type;
mod over_nats;
mod program;
mod reference;
mod relay;
mod rows;
mod the_bridge_is_crossed_both_ways;
mod typed;

//! Benches of Nestling. Each measures raw actix and the peers in the same run as this crate, on one thread, and
//! ends with a table of ratios against raw actix.
//!
//! - [`requests`] and [`events`] are the two workloads, the same for all; [`echo`] is the one over a socket, [`durable`]
//!   the one over a stream that is stored.
//! - [`peers`] holds one file a contestant: how it answers a request, how it broadcasts an event.
//! - [`failing`], [`crowd`] and [`idler`] are what only this crate can be asked: failures that are kept, many
//!   subscriptions, supervised services that do nothing.
//! - [`rig`] is the thread that each runs on.
//! - [`contest`] measures contestants in turns, [`ratios`] turns the turns into the table.

pub mod contest;
pub mod crowd;
pub mod durable;
pub mod echo;
pub mod events;
pub mod failing;
pub mod idler;
pub mod peers;
pub mod ratios;
pub mod requests;
pub mod rig;

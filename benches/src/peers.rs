//! One file a contestant.
//!
//! All handle the same request and the same event in the same way; each is used as its own documentation shows, with
//! its default features and mailbox unless its file says otherwise and why.

pub mod actix_broker;
pub mod async_nats;
pub mod async_nats_packets;
pub mod kameo;
pub mod nestling;
pub mod nestling_nats;
pub mod nestling_tcp;
pub mod ractor;
pub mod raw_actix;
pub mod tarpc;
pub mod tokio_channels;
pub mod tonic;

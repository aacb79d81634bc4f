//! How a node reaches other processes, and they reach it: one folder a transport, and beside them what they share.
//!
//! | file | what it says |
//! |---|---|
//! | `metadata` | ids and headers |
//! | `replies` | a server's requests that have not been answered |
//! | `refusal` | what a server says where there is no response |
//! | `pending` | a client's requests that wait for their answers, and how long |
//! | `ticket` | one of them, and what it is told |
//! | `answer` | a reply of the wire as an answer |

mod answer;
mod metadata;
#[cfg(feature = "nats")]
pub(crate) mod nats;
mod pending;
mod refusal;
mod replies;
#[cfg(feature = "tcp")]
pub(crate) mod tcp;
mod ticket;

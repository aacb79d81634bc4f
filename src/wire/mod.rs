//! NestJS's packets, as bytes: no input or output happens here.
//!
//! | file | what it says |
//! |---|---|
//! | `frame` | cuts a byte stream that may split anywhere into frames |
//! | `header` | reads the `<len>#` in front of a frame, and says what is wrong with it |
//! | `utf16` | counts text as JavaScript does |
//! | `write` | puts a frame, or nothing at all, behind what is in a buffer |
//! | `json` | mends what JavaScript takes for a string and Rust does not |
//! | `packet` | what a server gets: requests and events |
//! | `reply` | what a client gets, and how NestJS's client understands it |
//! | `encode` | writes requests, events and replies |
//! | `lookup` | from a pattern as it came to the routes that it may mean |
//! | `error` | the shapes of `err` |
//! | `tool` | what the tool `nestling` needs of these |
//! | `undefined` | JavaScript's `undefined` as it comes: data that is absent |

mod encode;
mod error;
mod frame;
mod header;
mod json;
mod lookup;
mod packet;
mod reply;
#[cfg(test)]
mod tests;
#[cfg(feature = "cli")]
pub mod tool;
mod undefined;
mod utf16;
mod write;

pub(crate) use encode::{
    event, reply_end, reply_error, reply_failure, reply_no_handler, reply_value, request,
};
pub(crate) use error::wrapped_falsy;
pub(crate) use frame::FrameReader;
pub(crate) use header::FrameError;
pub(crate) use json::mend;
pub(crate) use lookup::{event_route, lookup};
#[cfg(feature = "nats")]
pub(crate) use packet::read_object;
pub(crate) use packet::{Incoming, PacketError};
pub(crate) use reply::{Outcome, Reply};
pub(crate) use undefined::{from_data, read_data};
pub(crate) use write::{EncodeError, frame, plain_frame};

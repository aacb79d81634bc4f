//! NATS: requests and events of a node over a NATS server, in NestJS's wire format.
//!
//! | file | what it says |
//! |---|---|
//! | `subject` | routes as subjects, queue groups |
//! | `message` | events and requests as messages |
//! | `cloud_event` | CloudEvents attributes |
//! | `time` | times as CloudEvents has them |

mod cloud_event;
pub(crate) mod jetstream;
mod message;
mod subject;
mod time;

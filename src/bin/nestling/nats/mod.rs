//! Services behind a NATS server, in NestJS's wire format: a pattern's route is the subject.

mod address;
mod call;
mod connection;
mod subject;

pub(crate) use address::NatsAddress;
pub(crate) use call::Call;
pub(crate) use connection::{Connection, headers_of};
pub(crate) use subject::{Subjects, subject};

//! What the suite runs on.

#[macro_use]
mod conformance;
mod broken;
mod events;
mod feature;
mod handling;
mod patterns;
mod run;
mod running;
mod services;
mod serving;
mod transport;
mod violation;
mod waiting;

pub(crate) use broken::Fault;
pub(crate) use events::{Numbers, confirm, emit, in_order, missing, numbers, twice};
pub(crate) use feature::Feature;
pub(crate) use handling::{Seen, Taking, answering, taking};
pub(crate) use patterns::{CountUp, Double, Happened, Nobody, Noted, Nothing, Odd};
pub(crate) use run::{fails, holds, random};
pub(crate) use running::Running;
pub(crate) use serving::Serving;
pub(crate) use transport::{Signal, Transport};
pub(crate) use violation::{Guarantee, Verdict};
pub(crate) use waiting::{PATIENCE, arrive, idle, within};

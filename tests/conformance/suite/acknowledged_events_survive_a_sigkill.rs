//! The broker is ended by SIGKILL at one third and at two thirds of ten thousand events: every event that it acknowledged
//! is handled.

use crate::harness::{Fault, Guarantee, Signal, Transport, Verdict};
use crate::suite::broker_restarts;

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::ForgetsAtRestart, Guarantee::NothingLost)];

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    broker_restarts::hold(transport, Signal::Kill).await
}

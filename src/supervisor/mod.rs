//! The supervised run of an actor: its inbox, the responses of its handlers, retries, restarts.

mod actor;
mod call;
mod deadlines;
mod driver;
mod handler;
mod inbox;
mod items;
mod ledger;
mod lend;
mod lifecycle;
mod response;
mod restart;
mod retry;
mod run;
mod seat;
mod stream;
mod watchdog;

pub(crate) use actor::Source;
pub(crate) use call::{AnyCall, Call, Pending, Refusal};
pub(crate) use deadlines::Deadlines;
pub(crate) use driver::{EventRule, Plan, RequestRule};
pub(crate) use handler::{
    EventHandler, RequestHandler, any_event, delivery, event, message, message_delivery,
};
pub use inbox::ServiceState;
#[cfg_attr(
    not(feature = "nats"),
    allow(unused_imports, reason = "only a broker's transport delivers so")
)]
pub(crate) use inbox::{Arrival, BrokerReceipt, Resume, Settlement, Settlements};
pub(crate) use inbox::{
    Confirm, Confirmed, Deadline, Inbox, InboxPlan, InboxStats, LaneRule, QueuedCall, Target,
};
pub(crate) use items::ItemQueue;
pub use ledger::{RequestStats, SubscriptionStats};
pub(crate) use lifecycle::{Change, Lifecycle};
pub(crate) use restart::RestartPolicy;
pub use restart::{Backoff, RestartOn};
pub use retry::Retry;
pub(crate) use run::Job;
pub(crate) use seat::{Annex, BUDGET, Roused, Seated, Subscriber};
pub(crate) use stream::{PendingItems, StreamCall, flatten, stream, stream_delivery};
pub(crate) use watchdog::Watchdog;

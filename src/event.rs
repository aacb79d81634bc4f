//! Events as they travel: one shared allocation for payload and metadata, and the two forms in which a handler
//! can ask for it, [`Delivery`] and [`AnyEvent`].

mod any;
mod delivery;
mod envelope;
mod whose;

pub use any::AnyEvent;
pub use delivery::Delivery;
pub(crate) use envelope::{Envelope, Foreign, SharedEvent};
pub(crate) use whose::Whose;

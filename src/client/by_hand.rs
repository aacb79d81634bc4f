//! Deliveries that no client has sent.

use std::sync::Arc;

use super::Client;
use crate::event::{Delivery, Envelope};
use crate::pattern::Pattern;
use crate::routes::route_of;

/// A delivery that no client has sent: with it `Addr::send` reaches a handler that takes `Delivery<P>`, and a test can
/// call one. It is a first attempt with an id of its own and no headers; made by a handler, it has the correlation of
/// what is in hand, and is caused by it.
///
/// ```
/// use nestling::prelude::*;
///
/// #[derive(Debug, Serialize, Deserialize, MessagePattern)]
/// #[message_pattern(cmd = "whose_order", response = Id, error = Unknown)]
/// struct WhoseOrder;
/// # #[derive(Debug, Serialize, Deserialize, thiserror::Error)]
/// # #[error("unknown")]
/// # struct Unknown;
///
/// struct Orders;
/// impl Actor for Orders { type Context = Context<Self>; }
/// impl Handler<Delivery<WhoseOrder>> for Orders {
///     type Result = Result<Id, Unknown>;
///     fn handle(&mut self, asked: Delivery<WhoseOrder>, _: &mut Context<Self>) -> Self::Result {
///         Ok(asked.correlation_id().clone())
///     }
/// }
///
/// # #[actix::main]
/// # async fn main() {
/// let asked = Delivery::from(WhoseOrder);
/// let id = asked.id().clone();
/// let answer = Orders.start().send(asked).await.unwrap();
/// assert_eq!(answer.unwrap(), id, "it is the first of its chain");
/// # }
/// ```
impl<P: Pattern> From<P> for Delivery<P> {
    fn from(payload: P) -> Self {
        let metadata = Client::detached().metadata(route_of::<P>());
        Self::of_message(Arc::new(Envelope::new(metadata, payload)))
    }
}

//! The derives of the [nestling](https://docs.rs/nestling) crate: `MessagePattern`, `StreamPattern`,
//! `EventPattern`, `Service`.
//!
//! Use them through `nestling`, which re-exports them; what they write names `::nestling` paths.

mod event;
mod json;
mod message;
mod pattern;
mod pattern_attr;
mod service;
mod stream;
mod topic;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a type a message: one handler, one typed response, a sender that waits for it.
///
/// ```
/// use nestling::prelude::*;
///
/// #[derive(Debug, Serialize, Deserialize, MessagePattern)]
/// #[message_pattern(cmd = "check_inventory", response = Availability, error = InventoryError)]
/// struct CheckInventory { product_id: String, quantity: u32 }
///
/// #[derive(Debug, Serialize, Deserialize)]
/// struct Availability { available: u32 }
///
/// #[derive(Debug, Serialize, Deserialize, thiserror::Error)]
/// #[error("there is no such product")]
/// struct InventoryError;
/// ```
///
/// The attribute begins with the pattern: `"a.topic"`, `cmd = "x"` (short for `{ "cmd": "x" }`), or a JSON object,
/// number or array. Then come, in any order:
///
/// | key | meaning |
/// |---|---|
/// | `error = Type` | the service's own error type; required |
/// | `response = Type` | what the handler answers; `()` if left out |
/// | `alias = <pattern>` | a further pattern that reaches the same handler; may be repeated |
/// | `validate = path::to::function` | `fn(&Self) -> Result<(), impl Display>`, run on what comes from outside the process |
/// | `internal` | keeps the pattern off every transport |
///
/// A pattern that is not valid is a compile error that points into the attribute.
#[proc_macro_derive(MessagePattern, attributes(message_pattern))]
pub fn message_pattern(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    message::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a type a message whose response is a stream: one handler, items as they come.
///
/// ```
/// use nestling::prelude::*;
///
/// #[derive(Debug, Serialize, Deserialize, StreamPattern)]
/// #[stream_pattern("prices", item = Price, error = PriceError)]
/// struct Prices { symbol: String }
///
/// #[derive(Debug, Serialize, Deserialize)]
/// struct Price { cents: u64 }
///
/// #[derive(Debug, Serialize, Deserialize, thiserror::Error)]
/// #[error("there is no such symbol")]
/// struct PriceError;
/// ```
///
/// The attribute is that of `MessagePattern`, with `item = Type`, which is required, in place of `response`.
#[proc_macro_derive(StreamPattern, attributes(stream_pattern))]
pub fn stream_pattern(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    stream::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a type an event: any number of subscribers, nothing comes back.
///
/// ```
/// use nestling::prelude::*;
///
/// #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
/// #[event_pattern("order.created")]
/// struct OrderCreated { order_id: u64 }
/// ```
///
/// The attribute is that of `MessagePattern` without `response` and `error`: an event has neither.
#[proc_macro_derive(EventPattern, attributes(event_pattern))]
pub fn event_pattern(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    event::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a type a service that handles the listed patterns with the default options, and writes `Actor` and
/// `Supervised` for it.
///
/// ```
/// use nestling::prelude::*;
/// # #[derive(Debug, Serialize, Deserialize, MessagePattern)]
/// # #[message_pattern(cmd = "check_inventory", response = u32, error = Unknown)]
/// # struct CheckInventory;
/// # #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
/// # #[event_pattern("order.created")]
/// # struct OrderCreated { quantity: u32 }
/// # #[derive(Debug, Serialize, Deserialize, thiserror::Error)]
/// # #[error("there is no such product")]
/// # struct Unknown;
///
/// #[derive(Service)]
/// #[service("inventory", messages(CheckInventory), events(Delivery<OrderCreated>))]
/// struct Inventory { stock: u32 }
///
/// impl Handler<CheckInventory> for Inventory {
///     type Result = Result<u32, Unknown>;
///     fn handle(&mut self, _: CheckInventory, _: &mut Context<Self>) -> Self::Result {
///         Ok(self.stock)
///     }
/// }
///
/// impl Handler<Delivery<OrderCreated>> for Inventory {
///     type Result = Result<(), EventError>;
///     fn handle(&mut self, order: Delivery<OrderCreated>, _: &mut Context<Self>) -> Self::Result {
///         self.stock = self.stock.saturating_sub(order.quantity);
///         Ok(())
///     }
/// }
/// ```
///
/// Streams are listed by `streams(..)`.
///
///
/// Write the three impls by hand where `started`, `restarting`, a timeout or a retry is needed.
#[proc_macro_derive(Service, attributes(service))]
pub fn service(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    service::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

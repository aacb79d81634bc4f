//! An actix-web application that embeds a node: HTTP in front, a service behind.
//!
//! `POST /orders` with `{"product": "lp", "quantity": 2}` answers
//!
//! | status | when |
//! |---|---|
//! | 201 | the order was placed |
//! | 400 | the service's own error, or a body that is no order |
//! | 500 | the handler panicked |
//! | 503 | the service is given up, shut down, or overloaded |
//! | 504 | the handler did not answer in time |
//!
//! The header `x-correlation-id` goes with the request to the service, and comes back with the response.

mod http;
mod orders;

pub use http::{X_CORRELATION_ID, routes};
pub use orders::{OrderError, OrderPlaced, Orders, PlaceOrder};

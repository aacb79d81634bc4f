//! Patterns: the routes that they get, and the derives that write them.

mod derived_events;
mod derived_messages;
mod route_equals_nestjs;
mod route_order;
mod route_text;

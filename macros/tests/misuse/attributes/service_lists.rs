//! A service has one list of messages and one of events, and lists nothing twice.

use nestling::Service;

#[derive(Service)]
#[service("inventory", commands(A))]
struct One;

#[derive(Service)]
#[service("inventory", events(A), events(B))]
struct Two;

#[derive(Service)]
#[service("inventory", messages(A), events(A))]
struct Three;

fn main() {}

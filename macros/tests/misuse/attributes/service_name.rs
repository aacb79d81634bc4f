//! A service has a name of ASCII letters, digits, `_`, `.` and `-`.

use nestling::Service;

#[derive(Service)]
#[service("")]
struct One;

#[derive(Service)]
#[service("in ventory")]
struct Two;

#[derive(Service)]
#[service("größe")]
struct Three;

#[derive(Service)]
#[service(messages())]
struct Four;

fn main() {}

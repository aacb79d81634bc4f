//! `nestling tap`: prints events as they pass.

mod line;
mod listening;

use std::io::IsTerminal;
use std::time::Duration;

use clap::value_parser;
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::json::json_or_word;
use crate::nats::{Connection, NatsAddress, Subjects, subject};
use crate::output::Output;
use crate::packet::LoginArgs;
use crate::time::duration;
use line::Lines;

/// Prints events as they pass by a NATS server, a line each, until Ctrl-C
///
/// It listens beside the subscribers and takes nothing away from them. Events of NestJS and of Nestling are shown by their data,
/// CloudEvents and whatever else is published by their body. A connection that is lost is told on stderr, and comes back by
/// itself; what passes in between is not seen.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The NATS server: nats://HOST:PORT, nats://USER:PASSWORD@HOST:PORT, or tls://HOST:PORT
    #[arg(value_name = "URL")]
    address: NatsAddress,

    /// The pattern, which may have wildcards: `*` is one part of a subject, `>` all that follow
    #[arg(value_name = "PATTERN", value_parser = json_or_word)]
    pattern: Box<RawValue>,

    /// End after so many
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// Show requests too, which other services answer
    #[arg(long)]
    requests: bool,

    /// Print each as one line of JSON, with its headers
    #[arg(long)]
    json: bool,

    /// How long to wait for the connection
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    timeout: Duration,

    #[command(flatten)]
    login: LoginArgs,
}

const AFTER_HELP: &str = "\
Examples:
  nestling tap nats://localhost 'order.>'
  nestling tap nats://localhost 'order.*' --json | jq .data.total_cents
  nestling tap nats://localhost order.created --count 1 --creds app.creds

A line has the time (UTC) at which the event passed, its subject, its id, and its data; on a terminal long data is cut, --json has
all of it. `>` alone leaves out the server's own subjects, which begin with `$`, and the replies to requests.";

pub(crate) async fn run(args: &Args, output: &mut Output) -> Result<(), Failure> {
    let subject = subject(&args.pattern, Subjects::Many)?;
    let connection = Connection::open(&args.address, args.login.creds.as_ref(), args.timeout).await?;
    let lines = Lines { json: args.json, cut: std::io::stdout().is_terminal(), width: 0 };
    let listening = listening::run(args, connection, subject, lines, output);
    tokio::select! {
        ended = listening => ended,
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

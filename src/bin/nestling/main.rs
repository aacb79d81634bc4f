//! `nestling`: talks to services in NestJS's wire format, over TCP and NATS, measures them, listens to their events, and
//! looks into the dead letters of a node.

mod address;
mod bench;
mod dead_letters;
mod emit;
mod failure;
mod json;
mod nats;
mod output;
mod packet;
mod send;
mod tap;
mod tcp;
mod time;
mod waiting;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::Output;
use waiting::block_on;

/// Talks to services over TCP or NATS in NestJS's wire format, be they written with Nestling or with NestJS, measures
/// them, listens to their events, and looks into the dead letters of a Nestling node.
#[derive(Debug, Parser)]
#[command(name = "nestling", version, after_help = AFTER_HELP, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Send(send::Args),
    Emit(emit::Args),
    Tap(tap::Args),
    Bench(bench::Args),
    DeadLetters(dead_letters::Args),
}

const AFTER_HELP: &str = "\
Examples:
  nestling send tcp://127.0.0.1:3000 '{\"cmd\":\"sum\"}' '[1,2]'      asks, and prints the response: 3
  nestling send --all localhost:3000 prices                     prints each item of a stream as it comes
  nestling emit localhost:3000 order.created '{\"order_id\":7}'   tells, and waits for nobody
  nestling send nats://localhost order.total 7                  the same, of a service behind a NATS server
  nestling tap nats://localhost 'order.>'                       prints events as they pass
  nestling bench localhost:3000 echo hello --in-flight 64       how fast is it?
  nestling dead-letters --store dead-letters.db list            what could not be handled?

Patterns and payloads: what reads as JSON is JSON, anything else is a string. So '{\"cmd\":\"sum\"}' is an object, 42 a
number, order.created a string, and '\"42\"' is how a string that reads as JSON is written. A payload that is left out is
no payload at all; - reads it from stdin.

Exit status:
  0  done
  1  the service answered with an error (JSON on stderr), or nobody handles the pattern, or there is no such dead letter
  2  the command line is wrong
  3  no connection, no answer in time, a store that cannot be opened

`nestling help COMMAND` says more about each.";

fn main() -> ExitCode {
    let Cli { command } = Cli::parse();
    let mut output = Output::new();
    let done = match command {
        Command::Send(args) => block_on(send::run(&args, &mut output)),
        Command::Emit(args) => block_on(emit::run(&args)),
        Command::Tap(args) => block_on(tap::run(&args, &mut output)),
        Command::Bench(args) => block_on(bench::run(&args, &mut output)),
        Command::DeadLetters(args) => dead_letters::run(&args, &mut output),
    };
    match done.and_then(|()| output.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

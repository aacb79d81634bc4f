//! `nestling`: talks to services over NestJS's TCP wire, measures them, and looks into the dead letters of a node.

mod address;
mod bench;
mod connection;
mod dead_letters;
mod emit;
mod failure;
mod json;
mod output;
mod packet;
mod send;
mod time;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::Output;

/// Talks to services on NestJS's TCP wire, be they written with Nestling or with NestJS, measures them, and looks into
/// the dead letters of a Nestling node.
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
    Bench(bench::Args),
    DeadLetters(dead_letters::Args),
}

const AFTER_HELP: &str = "\
Examples:
  nestling send tcp://127.0.0.1:3000 '{\"cmd\":\"sum\"}' '[1,2]'      asks, and prints the response: 3
  nestling send --all localhost:3000 prices                     prints each item of a stream as it comes
  nestling emit localhost:3000 order.created '{\"order_id\":7}'   tells, and waits for nobody
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
        Command::Send(args) => connection::block_on(send::run(&args, &mut output)),
        Command::Emit(args) => connection::block_on(emit::run(&args)),
        Command::Bench(args) => connection::block_on(bench::run(&args, &mut output)),
        Command::DeadLetters(args) => dead_letters::run(&args, &mut output),
    };
    match done.and_then(|()| output.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

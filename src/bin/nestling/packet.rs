//! What is sent, as the command line has it.

use std::path::PathBuf;
use std::time::Duration;

use nestling::__private::tool::Packet;
use nestling::Headers;
use serde_json::value::RawValue;

use crate::address::Address;
use crate::failure::Failure;
use crate::json::{argument_or_stdin, json_or_word};
use crate::nats::{self, NatsAddress};
use crate::tcp::{self, TcpAddress};

/// Where to, and what.
#[derive(Debug, clap::Args)]
pub(crate) struct PacketArgs {
    /// The service: tcp://HOST:PORT, or HOST:PORT; or the NATS server that it is behind: nats://HOST:PORT,
    /// nats://USER:PASSWORD@HOST:PORT, tls://HOST:PORT
    #[arg(value_name = "URL")]
    pub(crate) address: Address,

    /// The pattern: JSON, or a bare word for a string
    #[arg(value_name = "PATTERN", value_parser = json_or_word)]
    pub(crate) pattern: Box<RawValue>,

    /// The payload: JSON, or a bare word for a string; - reads it from stdin; left out, there is none
    #[arg(value_name = "DATA", allow_hyphen_values = true)]
    data: Option<String>,

    /// A header that rides along (over TCP, NestJS 12 and Nestling read them); may be repeated
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = header)]
    headers: Vec<(String, String)>,

    #[command(flatten)]
    login: LoginArgs,
}

/// What a NATS server is shown.
#[derive(Debug, clap::Args)]
pub(crate) struct LoginArgs {
    /// The credentials for a NATS server, as `nsc` writes them
    #[arg(long, value_name = "FILE")]
    pub(crate) creds: Option<PathBuf>,
}

/// The same, read.
pub(crate) struct Prepared<'a> {
    pattern: &'a RawValue,
    data: Option<Box<RawValue>>,
    headers: Headers,
}

impl PacketArgs {
    /// Reads the payload, from stdin if need be.
    pub(crate) fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        let data = self.data.as_deref().map(argument_or_stdin).transpose();
        let data = data.map_err(|problem| Failure::Usage(format!("the payload: {problem}")))?;
        Ok(Prepared { pattern: &self.pattern, data, headers: self.headers.iter().cloned().collect() })
    }

    /// A connection to the NATS server, and the subject of the pattern.
    pub(crate) async fn connect_nats(
        &self,
        address: &NatsAddress,
        limit: Duration,
    ) -> Result<(nats::Connection, String), Failure> {
        let subject = nats::subject(&self.pattern, nats::Subjects::One)?;
        let connection = nats::Connection::open(address, self.login.creds.as_ref(), limit).await?;
        Ok((connection, subject))
    }

    /// A connection to the service that listens itself.
    pub(crate) async fn connect_tcp(
        &self,
        address: &TcpAddress,
        limit: Duration,
    ) -> Result<tcp::Connection, Failure> {
        if self.login.creds.is_some() {
            return Err(Failure::Usage("--creds is for a NATS server: write nats://HOST:PORT".to_owned()));
        }
        tcp::Connection::open(address, limit).await
    }

    /// Whether a payload was given.
    pub(crate) fn has_data(&self) -> bool {
        self.data.is_some()
    }
}

impl Prepared<'_> {
    /// The packet, with this payload in place of its own if there is one.
    pub(crate) fn packet<'a>(&'a self, instead: Option<&'a RawValue>) -> Packet<'a> {
        Packet { pattern: self.pattern, data: instead.or(self.data.as_deref()), headers: &self.headers }
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

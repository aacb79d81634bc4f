//! One connection to a NATS server.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, Event, HeaderMap, Subscriber};
use bytes::Bytes;
use futures::StreamExt;
use nestling::Headers;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::NatsAddress;
use crate::failure::Failure;
use crate::waiting::within;

/// How many messages of one subscription may wait here.
const CAPACITY: usize = 256 * 1024;

/// A connection, and what becomes of it.
pub(crate) struct Connection {
    client: Client,
    address: NatsAddress,
    events: UnboundedReceiver<Event>,
}

impl Connection {
    /// Connects within `limit`, with the credentials in this file if one is named.
    pub(crate) async fn open(
        address: &NatsAddress,
        creds: Option<&PathBuf>,
        limit: Duration,
    ) -> Result<Self, Failure> {
        let (told, events) = unbounded_channel();
        let options = ConnectOptions::new()
            .name("nestling")
            .connection_timeout(limit)
            .subscription_capacity(CAPACITY)
            // They were checked when they were typed.
            .skip_subject_validation(true)
            .event_callback(move |event| {
                let _ = told.send(event);
                std::future::ready(())
            });
        let options = match creds {
            Some(file) => options.credentials_file(file).await.map_err(|error| {
                Failure::Usage(format!(
                    "--creds {}: no credentials can be read there: {error}",
                    file.display()
                ))
            })?,
            None => address.log_in(options),
        };
        let has_login = creds.is_some() || address.has_login();
        let client = within(limit, address, "no connection", async {
            options.connect(address.server()).await.map_err(|error| refused(address, has_login, &error))
        });
        Ok(Self { client: client.await?, address: address.clone(), events })
    }

    /// The server's client.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Whom it is to.
    pub(crate) fn address(&self) -> &NatsAddress {
        &self.address
    }

    /// What becomes of it next.
    pub(crate) async fn event(&mut self) -> Event {
        // The callback, which has the other end, lives as long as the client here.
        self.events.recv().await.unwrap_or(Event::Closed)
    }

    /// Ends only with what went wrong: the connection was lost, or the server said no.
    pub(crate) async fn trouble(&mut self) -> Failure {
        loop {
            match self.event().await {
                Event::Disconnected | Event::Closed => return self.failed("the connection was lost"),
                Event::ServerError(error) => return self.failed(&error.to_string()),
                _ => {}
            }
        }
    }

    /// This went wrong with it.
    pub(crate) fn failed(&self, what: &str) -> Failure {
        Failure::Unreachable(format!("{}: {what}", self.address))
    }

    /// Subscribes.
    pub(crate) async fn subscribe(&self, subject: String) -> Result<Subscriber, Failure> {
        self.client.subscribe(subject).await.map_err(|error| self.failed(&error.to_string()))
    }

    /// Publishes, with where to reply to.
    pub(crate) async fn publish(
        &self,
        subject: String,
        reply: Option<String>,
        headers: &Headers,
        body: Bytes,
    ) -> Result<(), Failure> {
        self.check(body.len())?;
        let client = &self.client;
        let published = match (reply, headers_of(headers)?) {
            (None, None) => client.publish(subject, body).await,
            (None, Some(headers)) => client.publish_with_headers(subject, headers, body).await,
            (Some(reply), None) => client.publish_with_reply(subject, reply, body).await,
            (Some(reply), Some(headers)) => {
                client.publish_with_reply_and_headers(subject, reply, headers, body).await
            }
        };
        published.map_err(|error| self.failed(&error.to_string()))
    }

    /// Whether the server takes a body of so many bytes.
    pub(crate) fn check(&self, bytes: usize) -> Result<(), Failure> {
        let limit = self.client.max_payload();
        if bytes <= limit {
            return Ok(());
        }
        Err(Failure::Usage(format!(
            "{}: the packet has {bytes} bytes, and the server takes {limit} (its max_payload)",
            self.address
        )))
    }

    /// Waits until the server has had everything: it answers in order, and so it comes to this message last.
    pub(crate) async fn settle(&mut self) -> Result<(), Failure> {
        let inbox = self.client.new_inbox();
        let mut back = self.subscribe(inbox.clone()).await?;
        self.publish(inbox, None, &Headers::new(), Bytes::new()).await?;
        tokio::select! {
            biased;
            trouble = self.trouble() => Err(trouble),
            _ = back.next() => Ok(()),
        }
    }
}

/// Headers as NATS has them; none of none.
pub(crate) fn headers_of(headers: &Headers) -> Result<Option<HeaderMap>, Failure> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let wrong = || Failure::Usage(format!("--header {name}={value}: NATS cannot carry it"));
        let name: async_nats::HeaderName = name.parse().map_err(|_| wrong())?;
        let value: async_nats::HeaderValue = value.parse().map_err(|_| wrong())?;
        map.insert(name, value);
    }
    Ok((!map.is_empty()).then_some(map))
}

fn refused(address: &NatsAddress, has_login: bool, error: &ConnectError) -> Failure {
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let what = match error.kind() {
        ConnectErrorKind::AuthorizationViolation if has_login => {
            "the server refused the credentials".to_owned()
        }
        ConnectErrorKind::AuthorizationViolation => "the server wants credentials: \
             write nats://USER:PASSWORD@HOST:PORT, or name their file with --creds"
            .to_owned(),
        ConnectErrorKind::Authentication => format!("the credentials cannot be used: {cause}"),
        ConnectErrorKind::TimedOut => "no connection in time".to_owned(),
        _ => cause,
    };
    Failure::Unreachable(format!("{address}: {what}"))
}

//! A connection for publishing alone. NATS's client holds what it has not written when a connection is lost, and sends
//! it over the next one, before whatever is sent again: the order of events would not survive it. So a lost connection
//! is left where it is, and another client sends all that is not confirmed, in order. What the first one still holds is
//! sent when all of that is there, and is known to the server by its ids.

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::{
    Client, ConnectOptions, Event, HeaderMap, PublishErrorKind, ServerAddr, Subject, Subscriber,
};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::watch;

/// How to reach the server.
pub(crate) trait Dial: Send + Sync + 'static {
    /// The options of a connection, with its name, and the servers.
    fn options(&self) -> BoxFuture<'static, Result<(ConnectOptions, Vec<ServerAddr>), String>>;
}

/// A connection for publishing.
pub(super) struct Link {
    client: Client,
    /// What the server says to each event, on `<inbox>.<number>`.
    pub(super) acks: Subscriber,
    inbox: String,
    /// The connection is lost.
    pub(super) lost: watch::Receiver<bool>,
    /// It may write what it still holds.
    retired: watch::Sender<bool>,
}

impl Link {
    /// Connects.
    ///
    /// # Errors
    ///
    /// If that fails.
    pub(super) async fn new(dial: &dyn Dial) -> Result<Self, String> {
        let (options, servers) = dial.options().await?;
        let in_use = Arc::new(AtomicBool::new(false));
        let (retired, may_go_on) = watch::channel(false);
        let (tell_lost, lost) = watch::channel(false);
        let holds = Arc::clone(&in_use);
        let options = options
            .reconnect_to_server_callback(move |_, _| {
                let (holds, mut may_go_on) = (holds.load(Ordering::Acquire), may_go_on.clone());
                async move {
                    if holds && may_go_on.wait_for(|it| *it).await.is_err() {
                        // The node has ended: nobody wants what it holds.
                        std::future::pending::<()>().await;
                    }
                    None
                }
            })
            .event_callback(move |event| {
                if matches!(event, Event::Disconnected | Event::Closed) {
                    tell_lost.send_replace(true);
                }
                std::future::ready(())
            });
        let client = options.connect(servers).await.map_err(|error| error.to_string())?;
        in_use.store(true, Ordering::Release);
        let inbox = client.new_inbox();
        let acks = client.subscribe(format!("{inbox}.*")).await.map_err(|error| error.to_string())?;
        Ok(Self { client, acks, inbox, lost, retired })
    }

    /// Sends an event, whose answer comes with its number.
    ///
    /// # Errors
    ///
    /// If the connection is lost, or the client does not take it.
    pub(super) async fn send(
        &self,
        number: u64,
        subject: Subject,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<(), Unsent> {
        let reply = format!("{}.{number}", self.inbox);
        let mut sending = pin!(self.client.publish_with_reply_and_headers(subject, reply, headers, payload));
        let sent = match sending.as_mut().now_or_never() {
            Some(sent) => sent,
            None => {
                let mut lost = self.lost.clone();
                tokio::select! {
                    biased;
                    sent = sending => sent,
                    // A client without a connection takes only as much as it has room for.
                    _ = lost.wait_for(|lost| *lost) => return Err(Unsent::Lost),
                }
            }
        };
        sent.map_err(|error| match error.kind() {
            PublishErrorKind::Send => Unsent::Lost,
            _ => Unsent::Refused(error.source().map_or_else(|| error.to_string(), ToString::to_string)),
        })
    }

    /// Lets go of the client and keeps what ends it.
    pub(super) fn lose(self) -> Lost {
        Lost { retired: self.retired }
    }
}

/// Why an event was not sent.
pub(super) enum Unsent {
    /// There is no connection any more.
    Lost,
    /// It is not one for this server, whatever the connection.
    Refused(String),
}

/// A lost connection that may hold what it has not written.
pub(super) struct Lost {
    retired: watch::Sender<bool>,
}

impl Lost {
    /// All it may hold is in its stream, or has been given up.
    pub(super) fn retire(self) {
        self.retired.send_replace(true);
    }
}

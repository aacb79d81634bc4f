//! The stream, opened; reading and writing one letter.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::connection::State;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::{ContextBuilder, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, LastRawMessageErrorKind, Stream};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use super::index::Index;
use super::lease::Lease;
use super::message::{self, Stored};
use super::options::DeadLetterStream;
use super::scan::{Scan, Wanted};
use crate::dead_letter::{Status, StoreError};
use crate::metadata::Id;
use crate::transport::nats::{Nats, connect};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The stream of dead letters, as one node sees it.
#[derive(Debug)]
pub(super) struct Shelf {
    nats: Nats,
    options: DeadLetterStream,
    pub(super) prefix: String,
    /// Names this store in its claims.
    pub(super) session: String,
    /// Made once: it looks for the server by itself.
    client: OnceCell<Client>,
    open: OnceCell<Open>,
    index: Mutex<Index>,
    /// The letters that this store has claimed, with their subjects.
    claims: Mutex<HashMap<Id, Arc<str>>>,
}

/// What there is when the server has been reached.
#[derive(Debug)]
pub(super) struct Open {
    context: Context,
    pub(super) letters: Stream,
    lease: Arc<Lease>,
    beat: JoinHandle<()>,
}

/// What is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// A failure.
    Record,
    /// What has become of a letter.
    Turn,
}

impl Shelf {
    pub(super) fn new(nats: Nats, options: DeadLetterStream) -> Result<Self, StoreError> {
        options.check()?;
        Ok(Self {
            nats,
            prefix: options.prefix(),
            session: Id::new().to_string(),
            options,
            client: OnceCell::new(),
            open: OnceCell::new(),
            index: Mutex::default(),
            claims: Mutex::default(),
        })
    }

    /// The stream; it is opened when it is first needed.
    pub(super) async fn open(&self) -> Result<&Open, StoreError> {
        let client = self.client.get_or_try_init(|| self.connect()).await?;
        if client.connection_state() != State::Connected {
            // At once: what would be sent now would wait for the connection, and come too late.
            return Err(StoreError::Failed("the NATS server is away".to_owned()));
        }
        self.open.get_or_try_init(|| self.begin(client)).await
    }

    async fn connect(&self) -> Result<Client, StoreError> {
        connect::connect_alone(&self.nats, "dead letters").await.map_err(|error| {
            self.options.unusable(format!("{} cannot be reached: {}", error.server, error.reason))
        })
    }

    async fn begin(&self, client: &Client) -> Result<Open, StoreError> {
        let context = ContextBuilder::new().timeout(PATIENCE).ack_timeout(PATIENCE).build(client.clone());
        let letters = self.stream(&context, self.options.letters_config()).await?;
        let leases = self.stream(&context, self.options.leases_config()).await?;
        let lease = Arc::new(Lease::new(leases, self.prefix.clone(), self.session.clone()));
        lease.renew(&context).await?;
        let beat = tokio::spawn(Arc::clone(&lease).keep(context.clone()));
        Ok(Open { context, letters, lease, beat })
    }

    /// Makes a stream, or compares the one that is there.
    async fn stream(&self, context: &Context, config: Config) -> Result<Stream, StoreError> {
        let there = context.get_or_create_stream(config.clone()).await.map_err(|error| {
            self.options.unusable(format!("{}: {error}; JetStream must be on", config.name))
        })?;
        self.options.compare(&config, &there.cached_info().config)?;
        Ok(there)
    }

    /// Gives back what is this store's.
    pub(super) async fn close(&self) {
        if let Some(open) = self.open.get() {
            open.beat.abort();
            open.lease.end().await;
        }
    }

    pub(super) fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock()
    }

    pub(super) fn claims(&self) -> MutexGuard<'_, HashMap<Id, Arc<str>>> {
        self.claims.lock()
    }

    /// The subject of a letter, if it is there.
    pub(super) async fn locate(&self, id: &Id) -> Result<Option<Arc<str>>, StoreError> {
        if let Some(subject) = self.index().subject(id) {
            return Ok(Some(subject));
        }
        // Another node's, it may be, or an earlier process's: whatever has come since.
        let stream = self.open().await?.letters.clone();
        let info = stream.get_info().await.map_err(failed)?;
        let from = self.index().new_from(info.state.last_sequence);
        let wanted = Wanted { subjects: message::subjects_of(&self.prefix, None), from, headers_only: true };
        let mut scan = Scan::new(stream, wanted).await?;
        loop {
            let messages = scan.next().await?;
            if messages.is_empty() {
                break;
            }
            let mut index = self.index();
            for message in messages {
                if let Some(id) = message::id_in(message.headers.as_ref()) {
                    index.add(id, &message.subject);
                }
                index.has_seen(message.info().map_err(unreadable)?.stream_sequence);
            }
        }
        Ok(self.index().subject(id))
    }

    /// The letter on a subject.
    pub(super) async fn fetch(&self, subject: &str) -> Result<Option<Stored>, StoreError> {
        let found = match self.open().await?.letters.get_last_raw_message_by_subject(subject).await {
            Ok(found) => found,
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        Stored::read(Some(&found.headers), &found.payload, found.sequence).map(Some).map_err(|error| {
            StoreError::Failed(format!("the message on `{subject}` is no dead letter: {error}"))
        })
    }

    /// Puts a letter in the place of message `stored.sequence` of its subject, or where there is none if that is 0.
    /// False if something else is there, or this very record.
    pub(super) async fn put(&self, subject: &str, stored: &Stored, kind: Put) -> Result<bool, StoreError> {
        let mut message = PublishMessage::build()
            .payload(stored.body()?)
            .headers(stored.headers())
            .expected_last_subject_sequence(stored.sequence);
        if kind == Put::Record {
            // One that is sent again is taken once.
            message = message.message_id(format!("{}-{}", stored.record, stored.sequence));
        }
        let context = &self.open().await?.context;
        let ack = match context.send_publish(subject.to_owned(), message).await {
            Ok(ack) => ack.await,
            Err(error) => Err(error),
        };
        match ack {
            // A duplicate is there already, and perhaps more since.
            Ok(ack) if ack.duplicate => Ok(false),
            Ok(_) => {
                self.index().add(stored.letter.id.clone(), subject);
                Ok(true)
            }
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Ok(false),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => Err(StoreError::Refused(
                format!("{error}: raise the server's `max_payload`, or emit less in one event"),
            )),
            Err(error) => Err(failed(error)),
        }
    }

    /// What has become of a letter: a claim holds for as long as whoever made it is there.
    pub(super) async fn status_of(&self, stored: &Stored) -> Result<Status, StoreError> {
        if stored.letter.status != Status::Replaying {
            return Ok(stored.letter.status);
        }
        let holds = match &stored.claim {
            None => false,
            // One that was said to have failed may have come through later.
            Some(claim) if *claim == self.session => self.claims().contains_key(&stored.letter.id),
            Some(claim) => self.open().await?.lease.is_there(claim).await?,
        };
        Ok(if holds { Status::Replaying } else { Status::New })
    }
}

/// What is wrong with a message, as the store's error.
#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(super) fn unreadable(error: async_nats::Error) -> StoreError {
    StoreError::Failed(format!("a message of the server cannot be read: {error}"))
}

/// The server's error as the store's.
pub(super) fn failed(error: impl std::error::Error) -> StoreError {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    StoreError::Failed(format!("{error}{cause}"))
}

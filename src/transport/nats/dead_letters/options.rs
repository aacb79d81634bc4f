//! What the stream of dead letters is to be.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};

use crate::dead_letter::StoreError;
use crate::far::FAR;

/// How long the server knows a message's id, so that one that is sent twice is stored once.
const DUPLICATES: Duration = Duration::from_secs(120);

/// The stream that keeps dead letters, for [`JetStreamStore`](crate::JetStreamStore). Where the server has it already,
/// it stays as it is.
///
/// ```
/// use std::time::Duration;
///
/// use nestling::DeadLetterStream;
///
/// let stream = DeadLetterStream::new("DEAD_LETTERS").replicas(3).max_age(Duration::from_secs(90 * 24 * 3600));
/// # let _ = stream;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct DeadLetterStream {
    pub(super) name: String,
    replicas: usize,
    max_age: Duration,
    max_bytes: Option<u64>,
    pub(super) lease: Duration,
}

impl DeadLetterStream {
    /// A stream of this name on the subjects `<name in lower case>.>`; it keeps letters for ever, in a file of one
    /// server. Beside it is one of the name `<name>_LEASES`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            replicas: 1,
            max_age: Duration::ZERO,
            max_bytes: None,
            lease: Duration::from_secs(30),
        }
    }

    /// How many servers keep a copy: an odd number up to 5.
    pub fn replicas(mut self, servers: usize) -> Self {
        self.replicas = servers.max(1);
        self
    }

    /// Throws a letter away that has not changed for so long, resolved or not.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age.min(FAR);
        self
    }

    /// How many bytes the letters may take; beyond it the oldest make room.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// After how long without a word a node is held to be gone, and its claims void; 30 s by default. All nodes share
    /// what the first of them has said.
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = time.clamp(Duration::from_millis(300), FAR);
        self
    }

    /// What all its subjects begin with.
    pub(super) fn prefix(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// The name of the stream of leases.
    pub(super) fn leases(&self) -> String {
        format!("{}_LEASES", self.name)
    }

    /// What is wrong with its name.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let is_bad = |found: char| {
            found.is_whitespace() || found.is_control() || matches!(found, '.' | '*' | '>' | '/' | '\\' | '$')
        };
        match self.name.chars().find(|found| is_bad(*found)) {
            _ if self.name.is_empty() => Err(self.unusable("it has no name: call it DEAD_LETTERS, say")),
            Some(bad) => Err(self.unusable(format!("its name holds {bad:?}, which NATS does not take"))),
            None => Ok(()),
        }
    }

    pub(super) fn letters_config(&self) -> Config {
        let max_bytes = self.max_bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        Config {
            name: self.name.clone(),
            subjects: vec![format!("{}.>", self.prefix())],
            description: Some("dead letters of nestling nodes".to_owned()),
            max_age: self.max_age,
            max_bytes,
            duplicate_window: shorter(DUPLICATES, self.max_age),
            ..self.config()
        }
    }

    pub(super) fn leases_config(&self) -> Config {
        Config {
            name: self.leases(),
            subjects: vec![format!("{}_leases.*", self.prefix())],
            description: Some("nestling nodes that may claim dead letters".to_owned()),
            max_age: self.lease,
            max_bytes: -1,
            duplicate_window: shorter(DUPLICATES, self.lease),
            ..self.config()
        }
    }

    fn config(&self) -> Config {
        Config {
            max_messages: -1,
            max_messages_per_subject: 1,
            max_consumers: -1,
            max_message_size: -1,
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            storage: StorageType::File,
            num_replicas: self.replicas,
            ..Config::default()
        }
    }

    /// Whether what the server has can keep letters.
    ///
    /// # Errors
    ///
    /// If not, with both.
    pub(super) fn compare(&self, here: &Config, there: &Config) -> Result<(), StoreError> {
        let said = |config: &Config| {
            format!(
                "subjects {:?}, retention {:?}, {} message(s) a subject",
                config.subjects, config.retention, config.max_messages_per_subject
            )
        };
        if said(here) == said(there) {
            return Ok(());
        }
        Err(self.unusable(format!(
            "a stream `{}` is there that is another: {} are needed, and it has {}; name another stream",
            here.name,
            said(here),
            said(there)
        )))
    }

    pub(super) fn unusable(&self, problem: impl Into<String>) -> StoreError {
        StoreError::Open { path: format!("stream {}", self.name), problem: problem.into() }
    }
}

/// A window that the server takes: no longer than messages live.
fn shorter(window: Duration, max_age: Duration) -> Duration {
    if max_age.is_zero() { window } else { window.min(max_age) }
}

/// By name alone.
impl From<&str> for DeadLetterStream {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for DeadLetterStream {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

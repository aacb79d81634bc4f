//! A declared stream and the server's: created, or compared.

use std::fmt::Write;
use std::time::Duration;

use async_nats::Message;
use async_nats::jetstream::context::Context;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, RawMessageErrorKind, RetentionPolicy, StorageType,
};
use futures::TryStreamExt;
use serde_json::json;

use super::api::{ApiError, ask, code};
use super::options::{Storage, Stream};
use super::subjects::{covers, overlap};
use crate::registry::Wildcard;

/// Why a stream cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("stream `{name}` cannot be declared: {problem}")]
    Declared { name: String, problem: String },
    #[error("stream `{name}` is not what the server has:{differences}\nchange one of the two")]
    Differs { name: String, differences: String },
    #[error(
        "stream `{name}` wants the subjects {wanted}, which overlap those of {other}: a subject belongs to one stream"
    )]
    Overlaps { name: String, wanted: String, other: String },
    #[error("stream `{name}`: {error}")]
    Api { name: String, error: ApiError },
}

impl Stream {
    /// Whether it takes everything on a subject, or on all that a wildcard matches.
    pub(crate) fn covers(&self, subject: &str) -> bool {
        self.subjects.iter().any(|wider| covers(wider, subject))
    }

    /// What is wrong with the declaration.
    pub(super) fn check(&self) -> Result<(), StreamError> {
        let declared = |problem: String| StreamError::Declared { name: self.name.clone(), problem };
        let is_bad = |found: char| {
            found.is_whitespace() || found.is_control() || matches!(found, '.' | '*' | '>' | '/' | '\\' | '%')
        };
        if self.name.is_empty() {
            return Err(declared("it has no name".to_owned()));
        }
        if let Some(bad) = self.name.chars().find(|found| is_bad(*found)) {
            return Err(declared(format!("its name holds {bad:?}, which NATS does not take")));
        }
        if self.subjects.is_empty() {
            return Err(declared("it has no subjects; name them with `.subjects([..])`".to_owned()));
        }
        for (index, subject) in self.subjects.iter().enumerate() {
            Wildcard::parse(subject).map_err(&declared)?;
            if subject.starts_with('$') || subject == ">" {
                let problem = format!("`{subject}` takes what belongs to the server; name what is yours");
                return Err(declared(problem));
            }
            if let Some(other) = self.subjects[..index].iter().find(|other| overlap(other, subject)) {
                return Err(declared(format!("its subjects `{other}` and `{subject}` overlap")));
            }
        }
        Ok(())
    }

    fn config(&self) -> Config {
        let limit = |limit: Option<u64>| limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        Config {
            name: self.name.clone(),
            subjects: self.subjects.clone(),
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            storage: storage_type(self.storage.unwrap_or(Storage::File)),
            num_replicas: self.replicas.unwrap_or(1),
            max_age: self.max_age.unwrap_or_default(),
            max_bytes: limit(self.max_bytes),
            max_messages: limit(self.max_messages),
            max_messages_per_subject: -1,
            max_consumers: -1,
            max_message_size: -1,
            duplicate_window: self.duplicate_window.unwrap_or_default(),
            ..Config::default()
        }
    }

    /// Where the server's stream is not as it is declared here: a line each.
    fn differences(&self, theirs: &Config) -> String {
        let mut lines = String::new();
        let mut compare = |field: &str, here: Option<String>, there: String| {
            if let Some(here) = here
                && here != there
            {
                let _ = write!(lines, "\n  - {field}: {here} here, {there} on the server");
            }
        };
        let number = |limit: i64| if limit <= 0 { "unlimited".to_owned() } else { limit.to_string() };
        compare("subjects", Some(set(&self.subjects)), set(&theirs.subjects));
        compare("retention", Some("Limits".to_owned()), format!("{:?}", theirs.retention));
        compare(
            "storage",
            self.storage.map(|it| format!("{:?}", storage_type(it))),
            format!("{:?}", theirs.storage),
        );
        compare("replicas", self.replicas.map(|it| it.to_string()), theirs.num_replicas.to_string());
        compare("max_age", self.max_age.map(age), age(theirs.max_age));
        compare("max_bytes", self.max_bytes.map(|it| it.to_string()), number(theirs.max_bytes));
        compare("max_messages", self.max_messages.map(|it| it.to_string()), number(theirs.max_messages));
        compare("duplicate_window", self.duplicate_window.map(age), age(theirs.duplicate_window));
        lines
    }
}

fn storage_type(storage: Storage) -> StorageType {
    match storage {
        Storage::File => StorageType::File,
        Storage::Memory => StorageType::Memory,
    }
}

fn set(subjects: &[String]) -> String {
    let mut subjects = subjects.to_vec();
    subjects.sort_unstable();
    subjects.join(", ")
}

fn age(age: Duration) -> String {
    if age.is_zero() { "unlimited".to_owned() } else { format!("{age:?}") }
}

/// Creates the stream, or compares the one that is there; says what the server has.
///
/// # Errors
///
/// If the two differ, its subjects are another stream's, or the server has no JetStream.
pub(crate) async fn ensure(context: &Context, stream: &Stream) -> Result<Info, StreamError> {
    stream.check()?;
    let name = &stream.name;
    let api = |error| StreamError::Api { name: name.clone(), error };
    let info: Info = match ask(context, format!("STREAM.INFO.{name}"), &json!({})).await {
        Ok(info) => info,
        Err(error) if error.is(code::STREAM_NOT_FOUND) => {
            match ask(context, format!("STREAM.CREATE.{name}"), &stream.config()).await {
                Ok(info) => return Ok(info),
                Err(error) if error.is(code::SUBJECTS_OVERLAP) => return Err(overlaps(context, stream).await),
                // Another node was faster.
                Err(error) if error.is(code::STREAM_NAME_IN_USE) => {
                    ask(context, format!("STREAM.INFO.{name}"), &json!({})).await.map_err(api)?
                }
                Err(error) => return Err(api(error)),
            }
        }
        Err(error) => return Err(api(error)),
    };
    let differences = stream.differences(&info.config);
    if differences.is_empty() {
        Ok(info)
    } else {
        Err(StreamError::Differs { name: name.clone(), differences })
    }
}

/// Whose subjects are in the way.
async fn overlaps(context: &Context, stream: &Stream) -> StreamError {
    let wanted = || stream.subjects.iter();
    let mut others = Vec::new();
    let mut streams = context.streams();
    while let Ok(Some(other)) = streams.try_next().await {
        let theirs: Vec<_> = other
            .config
            .subjects
            .iter()
            .filter(|theirs| wanted().any(|ours| overlap(ours, theirs)))
            .map(|subject| format!("`{subject}`"))
            .collect();
        if !theirs.is_empty() {
            others.push(format!("stream `{}` ({})", other.config.name, theirs.join(", ")));
        }
    }
    let other = if others.is_empty() { "another stream".to_owned() } else { others.join(" and ") };
    StreamError::Overlaps { name: stream.name.clone(), wanted: set(&stream.subjects), other }
}

/// The message that a stream holds at a sequence number; none if it is gone.
///
/// # Errors
///
/// If the server cannot be asked.
pub(super) async fn message_at(
    context: &Context,
    stream: &str,
    sequence: u64,
) -> Result<Option<Message>, String> {
    let stream = context.get_stream_no_info(stream).await.map_err(|error| error.to_string())?;
    let found = match stream.get_raw_message(sequence).await {
        Ok(found) => found,
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let (status, description, length) = (None, None, found.payload.len());
    Ok(Some(Message {
        subject: found.subject,
        reply: None,
        payload: found.payload,
        headers: Some(found.headers),
        status,
        description,
        length,
    }))
}

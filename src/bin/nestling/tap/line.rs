//! What is printed of an event.

use std::collections::BTreeMap;
use std::time::SystemTime;

use async_nats::{HeaderMap, Message};
use nestling::__private::tool::Published;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::json::one_line;
use crate::output::{Output, plain};
use crate::time::utc_with_millis;

/// The longest data that a terminal is shown, in letters.
const LONGEST: usize = 120;
/// An id as Nestling and most others make them.
const ID: usize = 36;
/// Headers that may say the id, the first of them that is there.
const IDS: [&str; 3] = ["ce-id", "x-message-id", "Nats-Msg-Id"];

/// Prints events, aligned as well as what was seen so far allows.
pub(super) struct Lines {
    pub(super) json: bool,
    /// Whether long data is cut.
    pub(super) cut: bool,
    /// The longest subject so far.
    pub(super) width: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    subject: &'a str,
    id: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    request: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
    headers: BTreeMap<String, String>,
}

impl Lines {
    pub(super) fn print(
        &mut self,
        message: &Message,
        published: &Published,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let now = utc_with_millis(SystemTime::now());
        let id = id(message, published);
        let data = published.data.as_deref();
        if self.json {
            let headers = message.headers.as_ref().map(headers).unwrap_or_default();
            let request = published.id.is_some();
            let flat =
                data.map(|data| one_line(data.get())).and_then(|flat| RawValue::from_string(flat).ok());
            let line = Line {
                time: now.replace(' ', "T") + "Z",
                subject: &message.subject,
                id,
                request,
                data: flat.as_deref(),
                headers,
            };
            return output.json(&line);
        }
        let (_, time) = now.split_once(' ').unwrap_or(("", &now));
        let subject = plain(&message.subject);
        self.width = self.width.max(subject.chars().count());
        let id = plain(&id.unwrap_or_else(|| "-".to_owned()));
        let data = plain(&one_line(data.map_or("", RawValue::get)));
        let (width, data) = (self.width, if self.cut { short(data) } else { data });
        output.line(format!("{time}  {subject:width$}  {id:ID$}  {data}").trim_end())
    }
}

/// The id of an event from its headers, or that of a request.
fn id(message: &Message, published: &Published) -> Option<String> {
    let header = |name| Some(message.headers.as_ref()?.get(name)?.as_str().to_owned());
    let own = || {
        let id = published.id.as_deref()?.get();
        Some(serde_json::from_str(id).unwrap_or_else(|_| id.to_owned()))
    };
    IDS.into_iter().find_map(header).or_else(own)
}

fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let joined = |values: &Vec<async_nats::HeaderValue>| {
        values.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", ")
    };
    headers.iter().map(|(name, values)| (name.to_string(), joined(values))).collect()
}

fn short(text: String) -> String {
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

//! What both ends agree on: `nest/rows.json` and `nest/events.json`.

use std::fs;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::nest::{FOLDER, Nest};

/// What is sent or emitted.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Sent {
    pub(crate) pattern: Value,
    #[serde(default)]
    data: Value,
    /// There is no data at all.
    #[serde(default)]
    absent: bool,
}

/// A call and its outcome.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    pub(crate) sent: Sent,
    /// `all`, `first` or `take:N`.
    pub(crate) mode: String,
    /// In milliseconds.
    pub(crate) timeout: Option<u64>,
    #[serde(default)]
    pub(crate) metadata: Map<String, Value>,
    /// The major that every NestJS must have.
    #[serde(default)]
    nest: u64,
    pub(crate) values: Vec<Value>,
    pub(crate) end: String,
    pub(crate) error: Option<Value>,
    /// What NestJS's client gets over NATS in place of the above; `false` if it cannot be asked there.
    #[serde(default)]
    nats: Option<Value>,
}

/// An event, and the lines that the service prints of it, in any order.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Event {
    #[serde(flatten)]
    pub(crate) sent: Sent,
    pub(crate) printed: Vec<Value>,
}

impl Sent {
    /// The data; none if there is to be none.
    pub(crate) fn data(&self) -> Option<&Value> {
        (!self.absent).then_some(&self.data)
    }

    fn command(&self, verb: &str) -> Value {
        let mut command = json!({ verb: self.pattern });
        match self.data() {
            Some(data) => command["data"] = data.clone(),
            None => command["absent"] = json!(true),
        }
        command
    }
}

impl Row {
    /// Those that hold where `nest` is at one end.
    pub(crate) fn all(nest: Nest) -> Vec<Self> {
        let rows: Vec<Self> = read("rows.json");
        assert!(rows.len() >= 80, "there are rows");
        rows.into_iter().filter(|row| row.nest <= nest.major()).collect()
    }

    /// Those of them that can be asked over NATS.
    pub(crate) fn over_nats(nest: Nest) -> Vec<Self> {
        Self::all(nest).into_iter().filter(|row| row.nats != Some(Value::Bool(false))).collect()
    }

    /// The outcome, as NestJS's client tells it over NATS.
    pub(crate) fn outcome_over_nats(&self) -> Value {
        let mut outcome = self.outcome();
        for (name, value) in self.nats.as_ref().and_then(Value::as_object).into_iter().flatten() {
            outcome[name] = value.clone();
        }
        outcome
    }

    /// The call, as NestJS's client is told to make it.
    pub(crate) fn command(&self) -> Value {
        let mut command = self.sent.command("send");
        command["mode"] = json!(self.mode);
        if let Some(timeout) = self.timeout {
            command["timeout"] = json!(timeout);
        }
        if !self.metadata.is_empty() {
            command["metadata"] = json!(self.metadata);
        }
        command
    }

    /// The outcome, as NestJS's client tells it.
    pub(crate) fn outcome(&self) -> Value {
        let mut outcome = json!({ "values": self.values, "end": self.end });
        if let Some(error) = &self.error {
            outcome["error"] = error.clone();
        }
        outcome
    }
}

impl Event {
    pub(crate) fn all() -> Vec<Self> {
        let events: Vec<Self> = read("events.json");
        assert!(events.len() >= 10, "there are events");
        events
    }

    /// The event, as NestJS's client is told to emit it.
    pub(crate) fn command(&self) -> Value {
        self.sent.command("emit")
    }
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let text = fs::read_to_string(format!("{FOLDER}/{name}")).expect("the file is there");
    serde_json::from_str(&text).expect("the file is as its README says")
}

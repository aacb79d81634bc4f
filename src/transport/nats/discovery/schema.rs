//! The answers, as ADR-32 has them.

use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;

use super::super::server::Served;
use super::super::time;

/// A service, as it is made known.
pub(super) struct Described {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) version: String,
    pub(super) node: String,
    pub(super) service: String,
    pub(super) started: SystemTime,
    pub(super) endpoints: Vec<Endpoint>,
}

/// A message pattern, as it is made known.
pub(super) struct Endpoint {
    pub(super) name: String,
    pub(super) group: String,
    pub(super) served: Arc<Served>,
}

#[derive(Serialize)]
struct Head<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    id: &'a str,
    version: &'a str,
    metadata: Metadata<'a>,
}

/// What a tool may want to know of a service of this crate.
#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(rename = "nestling.node")]
    node: &'a str,
    #[serde(rename = "nestling.service")]
    service: &'a str,
}

#[derive(Serialize)]
struct Info<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    description: String,
    endpoints: Vec<EndpointInfo<'a>>,
}

#[derive(Serialize)]
struct EndpointInfo<'a> {
    name: &'a str,
    subject: &'a str,
    queue_group: &'a str,
    metadata: Pattern<'a>,
}

#[derive(Serialize)]
struct Pattern<'a> {
    #[serde(rename = "nestling.pattern")]
    pattern: &'a str,
}

#[derive(Serialize)]
struct Stats<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    started: String,
    endpoints: Vec<EndpointStats<'a>>,
}

#[derive(Serialize)]
struct EndpointStats<'a> {
    name: &'a str,
    subject: &'a str,
    queue_group: &'a str,
    num_requests: u64,
    num_errors: u64,
    last_error: String,
    /// In nanoseconds.
    processing_time: u64,
    average_processing_time: u64,
}

impl Described {
    fn head(&self, kind: &'static str) -> Head<'_> {
        let metadata = Metadata { node: &self.node, service: &self.service };
        Head { kind, name: &self.name, id: &self.id, version: &self.version, metadata }
    }

    pub(super) fn ping(&self) -> Vec<u8> {
        json(&self.head("io.nats.micro.v1.ping_response"))
    }

    pub(super) fn info(&self) -> Vec<u8> {
        let endpoints = self.endpoints.iter().map(|Endpoint { name, group, served }| EndpointInfo {
            name,
            subject: served.route.as_str(),
            queue_group: group,
            metadata: Pattern { pattern: served.route.as_str() },
        });
        json(&Info {
            head: self.head("io.nats.micro.v1.info_response"),
            description: format!("service `{}` of node `{}`", self.service, self.node),
            endpoints: endpoints.collect(),
        })
    }

    pub(super) fn stats(&self) -> Vec<u8> {
        let endpoints = self.endpoints.iter().map(|Endpoint { name, group, served }| {
            let count = &served.count;
            let (requests, nanos) = (count.requests(), count.nanos());
            EndpointStats {
                name,
                subject: served.route.as_str(),
                queue_group: group,
                num_requests: requests,
                num_errors: count.errors(),
                last_error: count.last_error(),
                processing_time: nanos,
                average_processing_time: nanos.checked_div(requests).unwrap_or(0),
            }
        });
        json(&Stats {
            head: self.head("io.nats.micro.v1.stats_response"),
            started: time::write(self.started),
            endpoints: endpoints.collect(),
        })
    }
}

fn json<T: Serialize>(answer: &T) -> Vec<u8> {
    // Text and numbers always serialise.
    serde_json::to_vec(answer).unwrap_or_default()
}

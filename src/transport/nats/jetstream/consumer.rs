//! A lane's durable consumer on the server: created, or brought up to date.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::Arc;

use async_nats::jetstream::consumer::{AckPolicy, Config, DeliverPolicy, Info, ReplayPolicy};
use async_nats::jetstream::context::Context;
use serde_json::json;

use super::api::{ApiError, ask};
use super::options::Stream;
use super::subjects::disjoint;
use crate::registry::Interest;
use crate::supervisor::{Inbox, LaneRule};
use crate::transport::nats::subject::subject_of_interest;

/// How many deliveries more than the node's own limit the server makes: the node sees the first of them, stores the
/// event as a dead letter and ends it. The others are for a node that dies while it does so.
const SPARE_DELIVERIES: u32 = 3;

/// How many deliveries more than its subscription's attempts an event has.
const CRASHES: u32 = 10;

/// The longest name of a consumer; NATS takes 255 bytes, and files are named after it.
const LONGEST: usize = 200;

const NOT_FOUND: u64 = 10_014;

/// Why a lane's consumer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConsumerError {
    #[error(
        "service `{service}` wants {subjects} of stream `{stream}` in one lane, and server {version} filters a consumer \
         by one subject: use nats-server 2.10 or later, give the subscriptions lanes of their own, or match one pattern"
    )]
    OneFilter { service: String, stream: String, subjects: String, version: String },
    #[error(
        "consumer `{consumer}` of stream `{stream}`, which service `{service}` uses, is not what the server has: {difference}; \
         delete it there, or rename the node or the service"
    )]
    Differs { service: String, stream: String, consumer: String, difference: String },
    #[error("consumer `{consumer}` of stream `{stream}`, which service `{service}` uses: {error}")]
    Api { service: String, stream: String, consumer: String, error: ApiError },
}

/// A subscription as a consumer feeds it.
#[derive(Debug, Clone)]
pub(crate) struct Fed {
    pub(crate) subscription: u32,
    pub(crate) interests: Vec<Interest>,
    pub(crate) lane: u32,
    pub(crate) rule: LaneRule,
}

/// What one lane takes from one stream.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) rule: LaneRule,
    pub(crate) stream: Arc<Stream>,
    pub(crate) consumer: String,
    pub(crate) filters: Vec<String>,
    pub(crate) fed: Vec<Fed>,
    /// How many times an event is delivered before it is a dead letter without being handled again.
    pub(crate) max_deliveries: u32,
}

impl Feed {
    /// What a service's subscriptions take from a stream, lane by lane.
    pub(crate) fn of(node: &str, inbox: &Arc<Inbox>, fed: &[Fed], stream: &Arc<Stream>) -> Vec<Self> {
        let mut lanes: BTreeMap<u32, Vec<Fed>> = BTreeMap::new();
        for fed in fed {
            lanes.entry(fed.lane).or_default().push(fed.clone());
        }
        let feed = |(lane, fed): (u32, Vec<Fed>)| {
            let own = (lane > 0).then(|| fed.first()).flatten();
            let own = own.map(|fed| &**inbox.pattern_of(fed.subscription));
            let subjects = fed.iter().flat_map(|fed| &fed.interests);
            let attempts = fed.iter().map(|fed| inbox.attempts_of(fed.subscription)).max().unwrap_or(1);
            Some(Self {
                inbox: Arc::clone(inbox),
                rule: fed.first()?.rule,
                stream: Arc::clone(stream),
                consumer: name(node, &inbox.service, own),
                // What is no subject was refused when the subscription was made.
                filters: disjoint(subjects.filter_map(|it| Some(subject_of_interest(it).ok()??.to_string()))),
                max_deliveries: stream.max_deliveries.unwrap_or(attempts.saturating_add(CRASHES)),
                fed,
            })
        };
        lanes.into_iter().filter_map(feed).collect()
    }

    pub(crate) fn is_ordered(&self) -> bool {
        self.rule.concurrency == 1
    }

    /// How many events are held at most.
    pub(crate) fn prefetch(&self) -> usize {
        if self.is_ordered() {
            return 1;
        }
        let at_once = usize::try_from(self.rule.concurrency).unwrap_or(usize::MAX);
        self.stream.prefetch.max(at_once).min(self.rule.bound.max(1))
    }

    fn max_ack_pending(&self) -> i64 {
        if self.is_ordered() {
            return 1;
        }
        // All instances share it, and what waits for a delayed delivery counts too.
        i64::try_from(self.rule.bound.max(1_000)).unwrap_or(i64::MAX)
    }

    /// `config` as this lane wants it.
    fn apply(&self, config: &Config) -> Config {
        let (filter_subject, filter_subjects) = match &self.filters[..] {
            [one] => (one.clone(), Vec::new()),
            several => (String::new(), several.to_vec()),
        };
        Config {
            filter_subject,
            filter_subjects,
            ack_wait: self.stream.ack_wait,
            max_deliver: i64::from(self.max_deliveries.saturating_add(SPARE_DELIVERIES)),
            max_ack_pending: self.max_ack_pending(),
            ..config.clone()
        }
    }

    fn fresh(&self) -> Config {
        let name = Some(self.consumer.clone());
        let config = Config {
            name: name.clone(),
            durable_name: name,
            description: Some(format!("service `{}`", self.inbox.service)),
            ack_policy: AckPolicy::Explicit,
            replay_policy: ReplayPolicy::Instant,
            deliver_policy: DeliverPolicy::All,
            ..Config::default()
        };
        self.apply(&config)
    }

    /// Creates the consumer, or changes the one that is there to what the lane wants now.
    ///
    /// # Errors
    ///
    /// If it cannot be changed, the server does not filter as is needed, or it cannot be asked.
    pub(super) async fn ensure(&self, context: &Context) -> Result<Info, ConsumerError> {
        let (service, stream) = (self.inbox.service.to_string(), self.stream.name.clone());
        let consumer = self.consumer.clone();
        let client = context.client();
        if self.filters.len() > 1 && !client.is_server_compatible(2, 10, 0) {
            let version = client.server_info().version;
            return Err(ConsumerError::OneFilter {
                service,
                stream,
                subjects: self.filters.join(", "),
                version,
            });
        }
        let api = |error| ConsumerError::Api {
            service: service.clone(),
            stream: stream.clone(),
            consumer: consumer.clone(),
            error,
        };
        let known: Option<Info> =
            match ask(context, format!("CONSUMER.INFO.{stream}.{consumer}"), &json!({})).await {
                Ok(info) => Some(info),
                Err(error) if error.is(NOT_FOUND) => None,
                Err(error) => return Err(api(error)),
            };
        let config = match &known {
            None => self.fresh(),
            Some(known) => {
                if let Some(difference) = different(&known.config) {
                    return Err(ConsumerError::Differs { service, stream, consumer, difference });
                }
                let wanted = self.apply(&known.config);
                if wanted == known.config {
                    return Ok(known.clone());
                }
                tracing::info!(
                    service,
                    stream,
                    consumer,
                    filters = ?self.filters,
                    max_ack_pending = wanted.max_ack_pending,
                    max_deliver = wanted.max_deliver,
                    ack_wait = ?wanted.ack_wait,
                    "a durable consumer is changed to what its service wants now",
                );
                wanted
            }
        };
        let filter = match &config.filter_subject {
            none if none.is_empty() => String::new(),
            filter => format!(".{filter}"),
        };
        let request = json!({ "stream_name": stream, "config": config, "action": "" });
        ask(context, format!("CONSUMER.CREATE.{stream}.{consumer}{filter}"), &request).await.map_err(api)
    }
}

/// What of a consumer that is there cannot be changed, and must be.
fn different(theirs: &Config) -> Option<String> {
    if theirs.deliver_subject.is_some() {
        return Some("a pull consumer here, a push consumer there".to_owned());
    }
    (theirs.ack_policy != AckPolicy::Explicit)
        .then(|| format!("ack policy Explicit here, {:?} there", theirs.ack_policy))
}

/// `<node>-<service>`, and the pattern of a lane of its own; different ones stay different.
fn name(node: &str, service: &str, pattern: Option<&str>) -> String {
    let mut name = format!("{}-{}", part(node), part(service));
    if let Some(pattern) = pattern {
        name.push('-');
        name.push_str(&part(pattern));
    }
    if name.len() > LONGEST {
        // It must be the same in every process, which the standard library's hasher promises for one version only.
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        hash.write(name.as_bytes());
        name.truncate(name.floor_char_boundary(LONGEST - 17));
        name.push_str(&format!("-{:016x}", hash.finish()));
    }
    name
}

/// A name as a part of a consumer's: what NATS does not take, and what parts are joined by, as `=` and its bytes in
/// hexadecimal. Not as `%`: nats-server 2.9 reads a consumer's name as a format.
fn part(text: &str) -> String {
    let mut part = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            part.push(letter);
        } else {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                part.push_str(&format!("={byte:02X}"));
            }
        }
    }
    part
}

/// FNV-1a.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names() {
        assert_eq!(name("shop", "inventory", None), "shop-inventory");
        assert_eq!(name("shop", "inventory", Some("order.*")), "shop-inventory-order=2E=2A");
        assert_ne!(name("a-b", "c", None), name("a", "b-c", None));
        assert_ne!(name("a", "b", Some("c")), name("a", "b-c", None));
        let (one, other) = (name("n", &"x".repeat(300), None), name("n", &"x".repeat(301), None));
        assert!(one.len() <= LONGEST && one != other, "{one}");
    }

    proptest! {
        #[test]
        fn different_names_stay_different(a in "[a-c.-]{1,5}", b in "[a-c.-]{1,5}", c in "[a-c.-]{1,5}", d in "[a-c.-]{1,5}") {
            prop_assert_eq!(name(&a, &b, None) == name(&c, &d, None), (a, b) == (c, d));
        }
    }
}

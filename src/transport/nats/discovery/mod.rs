//! Discovery, as NATS's own tools know it (the micro protocol, ADR-32): each service of the node answers who it is, what
//! it serves, and how that is going.
//!
//! | file | what it says |
//! |---|---|
//! | `count` | what is counted of each message pattern |
//! | `schema` | the answers |

mod count;
mod schema;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use async_nats::{Client, Message};
use futures::StreamExt;
use futures::stream::SelectAll;
use tokio::task::JoinHandle;

use super::link::Link;
use super::server::Served;
use super::subject::group;
use super::tagged::Tagged;
use crate::metadata::Id;
pub(super) use count::Count;
use schema::{Described, Endpoint};

/// Answers until it is dropped.
#[derive(Debug)]
pub(super) struct Discovery {
    task: JoinHandle<()>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
enum Verb {
    Ping,
    Info,
    Stats,
}

struct Asked {
    verb: Verb,
    service: Arc<Described>,
}

impl Discovery {
    /// Makes the node's services known, with what they serve.
    ///
    /// # Errors
    ///
    /// If the client has ended.
    pub(super) async fn start(
        link: &Arc<Link>,
        services: &[Arc<str>],
        served: &[Arc<Served>],
        version: &str,
    ) -> Result<Self, String> {
        let mut questions = SelectAll::new();
        for service in services {
            let service = Arc::new(described(link, service, served, version));
            for (verb, word) in [(Verb::Ping, "PING"), (Verb::Info, "INFO"), (Verb::Stats, "STATS")] {
                let (name, id) = (&service.name, &service.id);
                for subject in [
                    format!("$SRV.{word}"),
                    format!("$SRV.{word}.{name}"),
                    format!("$SRV.{word}.{name}.{id}"),
                ] {
                    let subscriber =
                        link.client.subscribe(subject).await.map_err(|error| error.to_string())?;
                    let asked = Arc::new(Asked { verb, service: Arc::clone(&service) });
                    questions.push(Tagged::new(asked, subscriber));
                }
            }
        }
        Ok(Self { task: actix_rt::spawn(answer(link.client.clone(), questions)) })
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(client: Client, mut questions: SelectAll<Tagged<Asked>>) {
    while let Some((asked, Message { reply, .. })) = questions.next().await {
        let Some(reply) = reply else { continue };
        let Asked { verb, service } = &*asked;
        let answer = match verb {
            Verb::Ping => service.ping(),
            Verb::Info => service.info(),
            Verb::Stats => service.stats(),
        };
        if client.publish(reply, answer.into()).await.is_err() {
            return;
        }
    }
}

fn described(link: &Link, service: &Arc<str>, served: &[Arc<Served>], version: &str) -> Described {
    let mut names = HashSet::new();
    let of_service = served.iter().filter(|served| served.service == *service);
    let mut of_service: Vec<_> = of_service.collect();
    of_service.sort_by(|one, other| one.route.cmp(&other.route));
    let group = group(&link.node, service);
    let endpoints = of_service.into_iter().map(|served| {
        let plain = plain(served.route.as_str());
        let mut name = plain.clone();
        let mut namesakes = 1;
        while !names.insert(name.clone()) {
            namesakes += 1;
            name = format!("{plain}-{namesakes}");
        }
        Endpoint { name, group: group.clone(), served: Arc::clone(served) }
    });
    Described {
        endpoints: endpoints.collect(),
        name: plain(&format!("{}-{service}", link.node)),
        node: link.node.to_string(),
        service: service.to_string(),
        // Without what would end a token.
        id: Id::new().to_string(),
        version: semver(version),
        started: SystemTime::now(),
    }
}

/// A name of the protocol's: letters, digits, dashes and underscores.
fn plain(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let plain: String = name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    // An object's braces and quotes say nothing.
    let trimmed = plain.trim_matches('_');
    if trimmed.is_empty() { "pattern".to_owned() } else { trimmed.to_owned() }
}

/// The part of a version that is one by semantic versioning, as the protocol asks for.
fn semver(version: &str) -> String {
    let is_semver = |text: &&str| {
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let numbers: Vec<_> = core.split('.').collect();
        let is_number =
            |number: &&str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let rest = text[core.len()..].bytes();
        numbers.len() == 3
            && numbers.iter().all(is_number)
            && rest.into_iter().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
    };
    let found = version.split_whitespace().map(|text| text.trim_start_matches('v')).find(is_semver);
    found.unwrap_or("0.0.0").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_the_protocols() {
        for (name, as_plain) in [
            ("shop-orders", "shop-orders"),
            ("order.created", "order_created"),
            (r#"{"cmd":"sum"}"#, "cmd___sum"),
            ("€", "pattern"),
        ] {
            assert_eq!(plain(name), as_plain);
        }
        for (version, as_semver) in [
            ("1.2.3", "1.2.3"),
            ("nestling 0.1.0", "0.1.0"),
            ("v2.0.0-rc.1+b", "2.0.0-rc.1+b"),
            ("new", "0.0.0"),
            ("1.2", "0.0.0"),
        ] {
            assert_eq!(semver(version), as_semver);
        }
    }
}

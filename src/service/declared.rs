//! A service's declarations, checked and laid out as its inbox and its supervisor use them.

use std::any::TypeId;
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use actix::{Actor, Context};

use super::Patterns;
use crate::erased::Erase;
use crate::pattern::Route;
use crate::registry::Interest;
use crate::supervisor::{EventRule, InboxPlan, LaneRule, Plan, RequestRule};

pub(crate) struct MessageDeclaration<A: Actor<Context = Context<A>>> {
    pub(crate) message: TypeId,
    pub(crate) routes: Vec<Route>,
    pub(crate) rule: RequestRule<A>,
    pub(crate) erase: Erase,
    pub(crate) internal: bool,
}

pub(crate) struct EventDeclaration<A: Actor<Context = Context<A>>> {
    pub(crate) pattern: String,
    pub(crate) interests: Vec<Interest>,
    pub(crate) rule: EventRule<A>,
    pub(crate) lane: Option<OwnLane>,
    /// No transport may bring it in.
    pub(crate) internal: bool,
    /// Every instance of the service gets it from a broker, and not one of them.
    pub(crate) every_instance: bool,
}

/// A lane for one subscription alone.
pub(crate) struct OwnLane {
    pub(crate) concurrency: u32,
    /// The service's bound, if it says nothing.
    pub(crate) bound: Option<usize>,
}

/// One message or stream pattern of a service, for the route table.
pub(crate) struct DeclaredMessage {
    pub(crate) message: TypeId,
    pub(crate) routes: Vec<Route>,
    pub(crate) erase: Erase,
    pub(crate) internal: bool,
}

/// One subscription of a service, for those who deliver to it.
#[derive(Debug, Clone)]
pub(crate) struct DeclaredEvent {
    pub(crate) interests: Vec<Interest>,
    /// Its events do not leave the process.
    pub(crate) internal: bool,
    /// Every instance of the service gets them from a broker, and not one of them.
    pub(crate) every_instance: bool,
    /// The index of its lane, and its rule. The first lane is the one that a service's ordered subscriptions share.
    pub(crate) lane: u32,
    pub(crate) rule: LaneRule,
}

impl DeclaredEvent {
    /// Whether it is not the broker's business.
    #[cfg(feature = "nats")]
    pub(crate) fn stays_here(&self) -> bool {
        self.internal || self.interests.iter().all(Interest::is_reserved)
    }
}

/// What a service declares, laid out. The index of a message is its handler, that of an event its subscription.
pub(crate) struct Declared<A: Actor<Context = Context<A>>> {
    pub(crate) inbox: InboxPlan,
    pub(crate) plan: Plan<A>,
    pub(crate) messages: Vec<DeclaredMessage>,
    pub(crate) events: Vec<DeclaredEvent>,
    /// Event patterns that no transport may bring in.
    pub(crate) internal: Vec<Route>,
    pub(crate) problems: Vec<String>,
}

impl<A: Actor<Context = Context<A>>> Declared<A> {
    pub(crate) fn new(service: &str, patterns: Patterns<A>) -> Self {
        let Patterns {
            messages,
            events,
            restart,
            lane_bound,
            request_bound,
            concurrency,
            overflow,
            problems,
        } = patterns;
        let mut problems: Vec<_> =
            problems.into_iter().map(|problem| format!("service `{service}`: {problem}")).collect();
        if service.is_empty() {
            problems.push("a service has an empty name".to_owned());
        }
        for route in again(messages.iter().flat_map(|message| &message.routes)) {
            problems.push(format!("service `{service}` lists message pattern `{route}` twice"));
        }
        for interest in again(events.iter().flat_map(|event| &event.interests)) {
            problems.push(match interest {
                Interest::Route(route) => format!("service `{service}` lists event pattern `{route}` twice"),
                Interest::Matching(wildcard) => format!("service `{service}` matches `{wildcard}` twice"),
            });
        }
        // Lane 0 is the service's ordered one.
        let mut lanes = vec![LaneRule { bound: lane_bound, concurrency }];
        let mut subscriptions = Vec::with_capacity(events.len());
        let mut rules = Vec::with_capacity(events.len());
        let mut declared_events = Vec::with_capacity(events.len());
        let mut internal = Vec::new();
        for event in events {
            let lane = match event.lane {
                None => 0,
                Some(own) => {
                    lanes.push(LaneRule {
                        bound: own.bound.unwrap_or(lane_bound),
                        concurrency: own.concurrency,
                    });
                    lanes.len() - 1
                }
            };
            let rule = lanes[lane];
            let lane = u32::try_from(lane).unwrap_or(0);
            subscriptions.push((Arc::from(event.pattern), lane));
            rules.push(event.rule);
            if event.internal {
                internal.extend(event.interests.iter().filter_map(Interest::route).cloned());
            }
            declared_events.push(DeclaredEvent {
                interests: event.interests,
                internal: event.internal,
                every_instance: event.every_instance,
                lane,
                rule,
            });
        }
        let mut requests = Vec::with_capacity(messages.len());
        let mut declared = Vec::with_capacity(messages.len());
        let mut names = Vec::with_capacity(messages.len());
        for message in messages {
            names.push(Arc::from(message.routes.first().map_or("", Route::as_str)));
            requests.push(message.rule);
            declared.push(DeclaredMessage {
                message: message.message,
                routes: message.routes,
                erase: message.erase,
                internal: message.internal,
            });
        }
        Self {
            inbox: InboxPlan {
                service: Arc::from(service),
                lanes: lanes.clone(),
                subscriptions,
                attempts: rules.iter().map(|rule| rule.retry.attempts()).collect(),
                requests: names,
                request_bound,
                overflow,
            },
            plan: Plan { events: rules, requests, lanes, restart },
            messages: declared,
            events: declared_events,
            internal,
            problems,
        }
    }
}

/// The items that come a second time.
fn again<T: Hash + Eq>(items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut seen = HashSet::new();
    items.filter_map(move |item| seen.replace(item))
}

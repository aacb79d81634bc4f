//! Who subscribes to what.

use std::cell::Cell;
use std::collections::HashMap as StdHashMap;
use std::ops::Deref;
use std::sync::Arc;

use slab::Slab;

use super::wildcard::Wildcard;
use crate::pattern::Route;
use crate::supervisor::{Inbox, Subscriber, Target};

/// How many resolved routes are kept: a bound on what routes made at run time can cost.
const RESOLVED: usize = 10_000;

type HashMap<K, V> = StdHashMap<K, V, foldhash::fast::RandomState>;

/// What a subscription wants.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Interest {
    Route(Route),
    Matching(Wildcard),
}

impl Interest {
    /// Whether it takes any of the node's own events, whose routes begin with `$`.
    pub(crate) fn is_reserved(&self) -> bool {
        match self {
            Self::Route(route) => route.as_str().starts_with('$'),
            Self::Matching(wildcard) => wildcard.is_reserved(),
        }
    }

    /// The one route that it takes.
    pub(crate) fn route(&self) -> Option<&Route> {
        match self {
            Self::Route(route) => Some(route),
            Self::Matching(_) => None,
        }
    }

    pub(crate) fn matches(&self, route: &Route) -> bool {
        match self {
            Self::Route(wanted) => wanted == route,
            Self::Matching(wildcard) => wildcard.matches(route.as_str()),
        }
    }
}

/// The subscribers of a route.
pub(super) struct Subscribers {
    list: Vec<Subscriber>,
    /// Whether all of them are known to be on this thread, which they are for good.
    are_here: Cell<bool>,
}

impl Subscribers {
    /// Whether all of them are on this thread, so that none of them waits for a thread's other work if they are run in
    /// turn.
    #[inline]
    pub(super) fn are_here(&self) -> bool {
        self.are_here.get() || self.have_come()
    }

    #[cold]
    fn have_come(&self) -> bool {
        self.are_here.set(self.list.iter().all(Subscriber::is_here));
        self.are_here.get()
    }
}

impl Deref for Subscribers {
    type Target = [Subscriber];

    #[inline]
    fn deref(&self) -> &[Subscriber] {
        &self.list
    }
}

/// The subscriptions, by route and by wildcard, and the routes resolved so far.
#[derive(Default)]
pub(super) struct Table {
    by_route: HashMap<Route, Vec<Target>>,
    by_wildcard: Vec<(Wildcard, Target)>,
    /// Where in `lists` the subscribers of a route are.
    resolved: HashMap<Route, usize>,
    lists: Slab<Subscribers>,
    /// The route asked for last: often the next one is the same, and its text even in the same place.
    last: Option<(Route, usize)>,
}

impl Table {
    /// Who gets an event on `route`: exact subscribers first, each kind in the order of its subscription.
    #[inline]
    pub(super) fn subscribers(&mut self, route: &Route) -> &Subscribers {
        let list = match &self.last {
            Some((last, list)) if std::ptr::eq(last.as_str(), route.as_str()) => *list,
            _ => self.look_up(route),
        };
        &self.lists[list]
    }

    fn look_up(&mut self, route: &Route) -> usize {
        let known = self.resolved.get(route).copied();
        let list = known.unwrap_or_else(|| self.resolve(route));
        self.last = Some((route.clone(), list));
        list
    }

    fn resolve(&mut self, route: &Route) -> usize {
        let exact = self.by_route.get(route).into_iter().flatten();
        let matching = self.by_wildcard.iter().filter(|(wildcard, _)| wildcard.matches(route.as_str()));
        let list = exact.chain(matching.map(|(_, target)| target)).map(Subscriber::new).collect();
        if self.resolved.len() >= RESOLVED {
            self.forget();
        }
        let list = self.lists.insert(Subscribers { list, are_here: Cell::new(false) });
        self.resolved.insert(route.clone(), list);
        list
    }

    /// Resolves every route anew.
    fn forget(&mut self) {
        self.resolved.clear();
        self.lists.clear();
        self.last = None;
    }

    pub(super) fn insert(&mut self, interest: Interest, target: Target) {
        match interest {
            Interest::Route(route) => {
                if let Some(list) = self.resolved.remove(&route) {
                    self.lists.remove(list);
                    self.last = None;
                }
                self.by_route.entry(route).or_default().push(target);
            }
            Interest::Matching(wildcard) => {
                self.forget();
                self.by_wildcard.push((wildcard, target));
            }
        }
    }

    pub(super) fn remove(&mut self, inbox: &Arc<Inbox>) {
        let is_other = |target: &Target| !Arc::ptr_eq(&target.inbox, inbox);
        self.by_route.retain(|_, targets| {
            targets.retain(is_other);
            !targets.is_empty()
        });
        self.by_wildcard.retain(|(_, target)| is_other(target));
        self.forget();
    }
}

//! Dead letters in memory.

use std::collections::{BTreeMap, HashMap};

use super::groups::Groups;
use super::{Change, DeadLetterStore, Filter, Group, Order, Page, StoreError, Turned};
use crate::dead_letter::record::{DeadLetter, Status};
use crate::metadata::Id;
use crate::pattern::Route;

/// Dead letters in memory, as many as fit: the oldest make room, and are counted.
#[derive(Debug)]
pub struct MemoryStore {
    letters: BTreeMap<Id, DeadLetter>,
    by_key: HashMap<Key, Id>,
    capacity: usize,
    evicted: u64,
}

type Key = (Id, String, String, Route);

impl MemoryStore {
    /// A store of at most `capacity` letters, and at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { letters: BTreeMap::new(), by_key: HashMap::new(), capacity: capacity.max(1), evicted: 0 }
    }

    fn record(&mut self, letter: &mut DeadLetter) {
        let key = key(letter);
        match self.by_key.get(&key).and_then(|id| self.letters.get_mut(id)) {
            Some(earlier) => {
                letter.continues(earlier);
                *earlier = letter.clone();
            }
            None => {
                self.by_key.insert(key, letter.id.clone());
                self.letters.insert(letter.id.clone(), letter.clone());
            }
        }
        while self.letters.len() > self.capacity {
            let Some((_, oldest)) = self.letters.pop_first() else { break };
            self.by_key.remove(&key_of(oldest));
            self.evicted += 1;
        }
    }

    fn matching<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = &'a DeadLetter> {
        let (mut forth, mut back) = (self.letters.values(), self.letters.values());
        std::iter::from_fn(move || match filter.order {
            Order::OldestFirst => forth.next(),
            Order::NewestFirst => back.next_back(),
        })
        .filter(|letter| filter.matches(letter))
    }
}

fn key(letter: &DeadLetter) -> Key {
    (letter.event_id.clone(), letter.service.clone(), letter.subscription.clone(), letter.route.clone())
}

fn key_of(letter: DeadLetter) -> Key {
    (letter.event_id, letter.service, letter.subscription, letter.route)
}

impl DeadLetterStore for MemoryStore {
    fn write(&mut self, changes: &mut [Change]) -> Result<(), StoreError> {
        for change in changes {
            match change {
                Change::Record(letter) => self.record(letter),
                Change::Settle { id, replay_count, ended } => {
                    if let Some(letter) = self.letters.get_mut(id) {
                        letter.settle(*replay_count, *ended);
                    }
                }
            }
        }
        Ok(())
    }

    fn turn(&mut self, id: &Id, from: Status, to: Status) -> Result<Turned, StoreError> {
        Ok(match self.letters.get_mut(id) {
            Some(letter) if letter.status == from => {
                letter.status = to;
                Turned::Turned(Box::new(letter.clone()))
            }
            Some(letter) => Turned::Is(letter.status),
            None => Turned::Unknown,
        })
    }

    fn get(&mut self, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
        Ok(self.letters.get(id).cloned())
    }

    fn list(&mut self, filter: &Filter) -> Result<Page, StoreError> {
        let limit = filter.limit.unwrap_or(Filter::DEFAULT_PAGE);
        Ok(Page::of(self.matching(filter).cloned(), limit))
    }

    fn groups(&mut self, filter: &Filter) -> Result<Vec<Group>, StoreError> {
        let mut groups = Groups::default();
        self.letters.values().filter(|letter| filter.matches(letter)).for_each(|letter| groups.add(letter));
        Ok(groups.into_largest_first(filter.limit))
    }

    fn discard(&mut self, filter: &Filter) -> Result<u64, StoreError> {
        let limit = filter.limit.unwrap_or(usize::MAX);
        let new = self.matching(filter).filter(|letter| letter.status == Status::New);
        let ids: Vec<Id> = new.take(limit).map(|letter| letter.id.clone()).collect();
        for id in &ids {
            if let Some(letter) = self.letters.get_mut(id) {
                letter.status = Status::Discarded;
            }
        }
        Ok(ids.len() as u64)
    }

    fn evicted(&self) -> u64 {
        self.evicted
    }
}

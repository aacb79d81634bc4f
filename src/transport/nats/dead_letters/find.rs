//! Letters, read.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::message::{self, Stored};
use super::scan::{Scan, Wanted};
use super::shelf::{Shelf, unreadable};
use crate::dead_letter::{DeadLetter, Filter, Group, Groups, Order, Page, Status, StoreError};
use crate::metadata::Id;

/// One letter.
pub(super) async fn get(shelf: &Shelf, id: &Id) -> Result<Option<DeadLetter>, StoreError> {
    let Some(subject) = shelf.locate(id).await? else { return Ok(None) };
    match shelf.fetch(&subject).await?.filter(|stored| stored.letter.id == *id) {
        Some(mut stored) => {
            stored.letter.status = shelf.status_of(&stored).await?;
            Ok(Some(stored.letter))
        }
        None => {
            shelf.index().remove(id);
            Ok(None)
        }
    }
}

/// A page of letters.
pub(super) async fn list(shelf: &Shelf, filter: &Filter) -> Result<Page, StoreError> {
    let limit = filter.limit.unwrap_or(Filter::DEFAULT_PAGE);
    let one_more = Filter { limit: Some(limit.saturating_add(1)), ..filter.clone() };
    let letters = matching(shelf, &one_more).await?.into_iter().map(|stored| stored.letter);
    Ok(Page::of(letters, limit))
}

/// The letters that match, at most the filter's limit, in its order, with what they are now.
pub(super) async fn matching(shelf: &Shelf, filter: &Filter) -> Result<Vec<Stored>, StoreError> {
    let limit = filter.limit.unwrap_or(usize::MAX);
    // More than is wanted: a letter that changes while it is read may drop out again.
    let room = limit.saturating_mul(2).saturating_add(64);
    let mut found = BTreeMap::<Id, Stored>::new();
    let mut reader = Reader::new(shelf, filter).await?;
    while let Some(batch) = reader.next().await? {
        for stored in batch {
            if !filter.matches(&stored.letter) {
                found.remove(&stored.letter.id);
                continue;
            }
            found.insert(stored.letter.id.clone(), stored);
            if found.len() > room {
                match filter.order {
                    Order::NewestFirst => found.pop_first(),
                    Order::OldestFirst => found.pop_last(),
                };
            }
        }
    }
    let found = found.into_values();
    Ok(match filter.order {
        Order::NewestFirst => found.rev().take(limit).collect(),
        Order::OldestFirst => found.take(limit).collect(),
    })
}

/// Letters by fingerprint.
pub(super) async fn groups(shelf: &Shelf, filter: &Filter) -> Result<Vec<Group>, StoreError> {
    let mut groups = Groups::default();
    let mut counted = HashSet::new();
    let mut reader = Reader::new(shelf, filter).await?;
    while let Some(batch) = reader.next().await? {
        for Stored { letter, .. } in batch {
            if filter.matches(&letter) && counted.insert(letter.id.clone()) {
                groups.add(&letter);
            }
        }
    }
    Ok(groups.into_largest_first(filter.limit))
}

/// Reads letters with the status that they have now.
struct Reader<'a> {
    shelf: &'a Shelf,
    scan: Scan,
    /// Whether the sessions in claims are there, asked once.
    sessions: HashMap<String, bool>,
}

impl<'a> Reader<'a> {
    async fn new(shelf: &'a Shelf, filter: &Filter) -> Result<Self, StoreError> {
        let subjects = message::subjects_of(&shelf.prefix, filter.service.as_deref());
        let stream = shelf.open().await?.letters.clone();
        let scan = Scan::new(stream, Wanted { subjects, from: 0, headers_only: false }).await?;
        Ok(Self { shelf, scan, sessions: HashMap::new() })
    }

    async fn next(&mut self) -> Result<Option<Vec<Stored>>, StoreError> {
        let messages = self.scan.next().await?;
        if messages.is_empty() {
            return Ok(None);
        }
        let mut letters = Vec::with_capacity(messages.len());
        for message in messages {
            let sequence = message.info().map_err(unreadable)?.stream_sequence;
            match Stored::read(message.headers.as_ref(), &message.payload, sequence) {
                Ok(mut stored) => {
                    stored.letter.status = self.status_of(&stored).await?;
                    letters.push(stored);
                }
                Err(error) => {
                    tracing::warn!(subject = %message.subject, %error, "a message is no dead letter: it is passed over");
                }
            }
        }
        Ok(Some(letters))
    }

    async fn status_of(&mut self, stored: &Stored) -> Result<Status, StoreError> {
        let claim = stored.claim.as_ref().filter(|claim| **claim != self.shelf.session);
        let Some(claim) = claim.filter(|_| stored.letter.status == Status::Replaying) else {
            return self.shelf.status_of(stored).await;
        };
        if let Some(is_there) = self.sessions.get(claim) {
            return Ok(if *is_there { Status::Replaying } else { Status::New });
        }
        let status = self.shelf.status_of(stored).await?;
        self.sessions.insert(claim.clone(), status == Status::Replaying);
        Ok(status)
    }
}

//! Changes of letters.

use std::sync::Arc;

use futures::{StreamExt, stream};

use super::find;
use super::message::{self, Stored};
use super::shelf::{Put, Shelf};
use crate::dead_letter::{Change, DeadLetter, Ended, Filter, Status, StoreError, Turned};
use crate::metadata::Id;

/// How many letters are written at once.
const AT_ONCE: usize = 64;

/// How often another node may be faster.
const TRIES: usize = 32;

/// The changes of one letter, with their places in the list.
type Job = (Arc<str>, Vec<(usize, Change)>);

/// Applies changes, those of one letter in their order; returns for each record the letter as it is stored. If it fails,
/// some may have been applied: they are known again when they come again.
pub(super) async fn write(
    shelf: &Shelf,
    changes: Vec<Change>,
) -> Result<Vec<Option<DeadLetter>>, StoreError> {
    let mut letters: Vec<Option<DeadLetter>> = changes.iter().map(|_| None).collect();
    let mut refused = None;
    let mut written = stream::iter(jobs(shelf, changes)).map(|job| run(shelf, job)).buffer_unordered(AT_ONCE);
    while let Some(job) = written.next().await {
        match job {
            Ok(stored) => stored.into_iter().for_each(|(index, letter)| letters[index] = Some(letter)),
            Err(error @ StoreError::Refused(_)) => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    refused.map_or(Ok(letters), Err)
}

fn jobs(shelf: &Shelf, changes: Vec<Change>) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    let mut places = std::collections::HashMap::<Arc<str>, usize>::new();
    for (index, change) in changes.into_iter().enumerate() {
        let subject = match &change {
            Change::Record(letter) => Some(Arc::from(message::subject(&shelf.prefix, letter))),
            // The end of a replay whose claim is not this store's any more is void.
            Change::Settle { id, .. } => shelf.claims().get(id).cloned(),
        };
        let Some(subject) = subject else { continue };
        let place = *places.entry(Arc::clone(&subject)).or_insert_with(|| {
            jobs.push((subject, Vec::new()));
            jobs.len() - 1
        });
        jobs[place].1.push((index, change));
    }
    jobs
}

async fn run(shelf: &Shelf, (subject, changes): Job) -> Result<Vec<(usize, DeadLetter)>, StoreError> {
    let mut stored = Vec::new();
    for (index, change) in changes {
        match change {
            Change::Record(letter) => stored.push((index, record(shelf, &subject, *letter).await?)),
            Change::Settle { id, replay_count, ended } => {
                settle(shelf, &subject, &id, replay_count, ended).await?;
            }
        }
    }
    Ok(stored)
}

/// Keeps a letter, or lets it continue the one that is there.
async fn record(shelf: &Shelf, subject: &str, letter: DeadLetter) -> Result<DeadLetter, StoreError> {
    let record = letter.id.to_string();
    let mut next = Stored { letter: letter.clone(), record: record.clone(), claim: None, sequence: 0 };
    for _ in 0..TRIES {
        if shelf.put(subject, &next, Put::Record).await? {
            shelf.claims().remove(&next.letter.id);
            return Ok(next.letter);
        }
        match shelf.fetch(subject).await? {
            // It was written before, and was not known to be.
            Some(earlier) if earlier.record == record && earlier.claim.is_none() => return Ok(earlier.letter),
            Some(earlier) => {
                next.letter = letter.clone();
                next.letter.continues(&earlier.letter);
                next.sequence = earlier.sequence;
            }
            // It has gone since.
            None => next = Stored { letter: letter.clone(), sequence: 0, ..next },
        }
    }
    Err(contended())
}

/// Notes how a replay of this store's ended.
async fn settle(
    shelf: &Shelf,
    subject: &str,
    id: &Id,
    replay_count: u32,
    ended: Ended,
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let is_ours = shelf.claims().contains_key(id);
        let Some(mut stored) = shelf.fetch(subject).await?.filter(|_| is_ours) else { break };
        let claimed = stored.letter.status == Status::Replaying
            && stored.letter.replay_count == replay_count
            && stored.claim.as_deref() == Some(&shelf.session);
        if !claimed {
            // The letter may be another replay's of this store.
            return Ok(());
        }
        stored.letter.settle(replay_count, ended);
        stored.claim = None;
        if shelf.put(subject, &stored, Put::Turn).await? {
            break;
        }
    }
    shelf.claims().remove(id);
    Ok(())
}

/// Sets the status of a letter, if nobody else is faster.
pub(super) async fn turn(shelf: &Shelf, id: &Id, from: Status, to: Status) -> Result<Turned, StoreError> {
    let Some(subject) = shelf.locate(id).await? else { return Ok(Turned::Unknown) };
    for _ in 0..TRIES {
        let Some(stored) = shelf.fetch(&subject).await?.filter(|stored| stored.letter.id == *id) else {
            shelf.index().remove(id);
            return Ok(Turned::Unknown);
        };
        let status = shelf.status_of(&stored).await?;
        if status != from {
            return Ok(Turned::Is(status));
        }
        if let Some(letter) = turned(shelf, &subject, stored, to).await? {
            return Ok(Turned::Turned(Box::new(letter)));
        }
    }
    Err(contended())
}

/// Puts a letter with another status in the place of `stored`; none if something else is there by now.
async fn turned(
    shelf: &Shelf,
    subject: &Arc<str>,
    mut stored: Stored,
    to: Status,
) -> Result<Option<DeadLetter>, StoreError> {
    let claims = to == Status::Replaying;
    stored.letter.status = to;
    stored.claim = claims.then(|| shelf.session.clone());
    if !shelf.put(subject, &stored, Put::Turn).await? {
        return Ok(None);
    }
    if claims {
        shelf.claims().insert(stored.letter.id.clone(), Arc::clone(subject));
    }
    Ok(Some(stored.letter))
}

/// Discards new letters that match.
pub(super) async fn discard(shelf: &Shelf, filter: &Filter) -> Result<u64, StoreError> {
    let filter = Filter { limit: Some(filter.limit.unwrap_or(usize::MAX)), ..filter.clone() };
    let found = find::matching(shelf, &filter.status(Status::New)).await?;
    let discarded = stream::iter(found).map(|stored| async move {
        let subject = Arc::from(message::subject(&shelf.prefix, &stored.letter));
        turned(shelf, &subject, stored, Status::Discarded).await
    });
    let mut discarded = discarded.buffer_unordered(AT_ONCE);
    let mut count = 0;
    while let Some(letter) = discarded.next().await {
        count += u64::from(letter?.is_some());
    }
    Ok(count)
}

fn contended() -> StoreError {
    StoreError::Failed(format!("other nodes have changed the letter {TRIES} times meanwhile"))
}

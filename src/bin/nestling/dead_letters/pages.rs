//! A list in pages: a node that writes meanwhile never waits for a long read.

use nestling::{DeadLetter, Filter, SqliteReader};

use crate::failure::Failure;

const PAGE: usize = 500;

/// Gives each letter that matches to `take`, at most the filter's limit, and says whether there are more.
pub(super) fn each(
    reader: &SqliteReader,
    mut filter: Filter,
    mut take: impl FnMut(DeadLetter) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let mut left = filter.limit.unwrap_or(usize::MAX);
    loop {
        filter.limit = Some(left.min(PAGE));
        let page = reader.list(&filter)?;
        left -= page.letters.len();
        page.letters.into_iter().try_for_each(&mut take)?;
        match page.next {
            Some(next) if left > 0 => filter.after = Some(next),
            next => return Ok(next.is_some()),
        }
    }
}

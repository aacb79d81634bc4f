//! The events on their way, in the order in which they were emitted: sent and not confirmed yet, and behind them those
//! that wait.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::waiter::Waiter;
use crate::event::SharedEvent;

/// One event on its way.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) event: SharedEvent,
    pub(super) waiter: Option<Waiter>,
    /// When it was first sent over this connection.
    pub(super) sent: Option<Instant>,
    /// How many times the server said to try again.
    pub(super) tries: u32,
}

#[derive(Debug, Default)]
pub(super) struct Window {
    /// An entry that is done leaves its place empty until it is the first.
    entries: VecDeque<Option<Entry>>,
    /// The number of the first.
    first: u64,
    /// How many places from the first on have been sent over this connection.
    sent: usize,
}

impl Window {
    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push_back(Some(entry));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The number of the entry that comes next.
    pub(super) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// The number of the first entry that is not done.
    pub(super) fn start(&self) -> u64 {
        self.first
    }

    /// The next entry to be sent, with its number, if fewer than `limit` are unconfirmed.
    pub(super) fn next(&mut self, limit: usize) -> Option<(u64, &mut Entry)> {
        while self.sent < limit {
            let index = self.sent;
            self.entries.get(index)?;
            self.sent += 1;
            if self.entries[index].is_some() {
                let number = self.first + index as u64;
                return self.entries[index].as_mut().map(|entry| (number, entry));
            }
        }
        None
    }

    /// Whether something could be sent.
    pub(super) fn has_next(&self, limit: usize) -> bool {
        self.sent < limit.min(self.entries.len())
    }

    /// Whether something has been sent and is not confirmed.
    pub(super) fn waits(&self) -> bool {
        self.sent > 0
    }

    /// Takes an entry out: it is done.
    pub(super) fn take(&mut self, number: u64) -> Option<Entry> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let entry = self.entries.get_mut(index)?.take();
        while let Some(None) = self.entries.front() {
            self.entries.pop_front();
            self.first += 1;
            self.sent = self.sent.saturating_sub(1);
        }
        entry
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Entry> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.entries.get_mut(index)?.as_mut()
    }

    /// All that is unconfirmed is to be sent again, in its order.
    pub(super) fn rewind(&mut self) {
        self.sent = 0;
    }

    /// The connection is another one.
    pub(super) fn forget_sent(&mut self) {
        self.sent = 0;
        for entry in self.entries.iter_mut().flatten() {
            entry.sent = None;
        }
    }

    /// Numbers of those first sent before `limit` over this connection.
    pub(super) fn older_than(&self, limit: Instant) -> Vec<u64> {
        let sent = self.entries.iter().enumerate().take(self.sent);
        let old =
            sent.filter(|(_, entry)| entry.as_ref().and_then(|it| it.sent).is_some_and(|at| at < limit));
        old.map(|(index, _)| self.first + index as u64).collect()
    }

    /// Takes all that is left.
    pub(super) fn drain(&mut self) -> Vec<Entry> {
        self.sent = 0;
        self.first = self.end();
        self.entries.drain(..).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::event::Envelope;
    use crate::metadata::Metadata;

    fn window(entries: u64) -> Window {
        let mut window = Window::default();
        for n in 0..entries {
            let event = Arc::new(Envelope::new(Metadata::new("x".into(), None, None, None), n));
            window.push(Entry { event, waiter: None, sent: None, tries: 0 });
        }
        window
    }

    fn sent(window: &mut Window, limit: usize) -> Vec<u64> {
        std::iter::from_fn(|| window.next(limit).map(|(number, _)| number)).collect()
    }

    #[test]
    fn no_more_than_the_limit_is_unconfirmed_and_the_order_is_kept() {
        let mut window = window(6);
        assert_eq!(sent(&mut window, 3), [0, 1, 2]);
        assert!(window.take(1).is_some() && window.take(1).is_none());
        assert!(sent(&mut window, 3).is_empty(), "a hole counts until it is the first");
        assert!(window.take(0).is_some());
        assert_eq!(sent(&mut window, 3), [3, 4]);
        window.rewind();
        assert_eq!(sent(&mut window, 9), [2, 3, 4, 5]);
        for number in 2..6 {
            assert!(window.take(number).is_some());
        }
        assert!(window.is_empty() && !window.waits());
        assert_eq!((window.start(), window.end()), (6, 6));
        assert!(window.take(5).is_none() && window.take(99).is_none());
    }

    #[test]
    fn what_is_left_comes_out_in_order() {
        let mut window = window(4);
        sent(&mut window, 4);
        window.take(2);
        let left: Vec<_> = window.drain().iter().map(|it| it.event.json().unwrap().to_owned()).collect();
        assert_eq!(left, ["0", "1", "3"]);
        assert_eq!(window.end(), 4);
    }
}

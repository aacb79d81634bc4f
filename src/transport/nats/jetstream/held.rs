//! The messages that a consumer holds: delivered by the broker, and not answered yet.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::Subject;
use foldhash::fast::RandomState;
use slab::Slab;

use super::delivery::{Answer, Delivered};
use crate::event::SharedEvent;

/// How a message ended in one of its subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    Handled,
    /// Its record has been stored.
    DeadLettered,
    /// It is to be delivered again, this much later.
    Returned(Duration),
}

/// One message.
#[derive(Debug)]
pub(super) struct Message {
    reply: Subject,
    pub(super) delivered: Delivered,
    pub(super) event: SharedEvent,
    /// In how many subscriptions it has not ended yet.
    left: usize,
    /// The end that decides: a message that one subscription gives back is delivered again, and those that have handled
    /// it know it then.
    worst: Ending,
    /// How many signs of life had been given when it came.
    came: u64,
}

#[derive(Debug, Default)]
pub(super) struct Held {
    messages: Slab<Message>,
    by_sequence: HashMap<u64, usize, RandomState>,
    /// How many times signs of life have been given.
    signs: u64,
}

impl Held {
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn get(&self, key: usize) -> Option<&Message> {
        self.messages.get(key)
    }

    /// Holds a message for `left` subscriptions.
    pub(super) fn insert(
        &mut self,
        reply: Subject,
        delivered: Delivered,
        event: SharedEvent,
        left: usize,
    ) -> usize {
        let (worst, came) = (Ending::Handled, self.signs);
        let key = self.messages.insert(Message { reply, delivered, event, left, worst, came });
        self.by_sequence.insert(delivered.sequence, key);
        key
    }

    /// Takes a later delivery of what is held already in place of the earlier: the broker listens to the answer to the
    /// last. Gives back its event.
    pub(super) fn replace(&mut self, reply: &Subject, delivered: Delivered) -> Option<&SharedEvent> {
        let key = *self.by_sequence.get(&delivered.sequence)?;
        let message = self.messages.get_mut(key)?;
        message.reply = reply.clone();
        Some(&message.event)
    }

    /// The message has ended in one of its subscriptions; if that was the last, its answer.
    pub(super) fn ended(&mut self, key: usize, ending: Ending) -> Option<(Subject, Answer)> {
        let message = self.messages.get_mut(key)?;
        message.left = message.left.saturating_sub(1);
        message.worst = message.worst.max(ending);
        if message.left > 0 {
            return None;
        }
        let Message { reply, delivered, worst, .. } = self.messages.remove(key);
        self.by_sequence.remove(&delivered.sequence);
        let answer = match worst {
            Ending::Handled => Answer::Ack,
            Ending::DeadLettered => Answer::Term,
            Ending::Returned(delay) => Answer::Nak(delay),
        };
        Some((reply, answer))
    }

    /// Those that have been held since before the last sign of life.
    pub(super) fn give_signs(&mut self) -> impl Iterator<Item = Subject> {
        let signs = self.signs;
        self.signs += 1;
        self.messages
            .iter()
            .filter(move |(_, message)| message.came < signs)
            .map(|(_, message)| message.reply.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::event::Envelope;
    use crate::metadata::Metadata;

    fn held(left: usize) -> (Held, usize) {
        let mut held = Held::default();
        let event = Arc::new(Envelope::new(Metadata::new("x".into(), None, None, None), 1));
        let key = held.insert("first".into(), Delivered { times: 1, sequence: 7 }, event, left);
        (held, key)
    }

    #[test]
    fn the_worst_end_answers_for_all_and_once() {
        let later = Ending::Returned(Duration::from_secs(9));
        for (one, other, expected) in [
            (Ending::Handled, Ending::Handled, Answer::Ack),
            (Ending::DeadLettered, Ending::Handled, Answer::Term),
            (later, Ending::DeadLettered, Answer::Nak(Duration::from_secs(9))),
            (Ending::Returned(Duration::ZERO), later, Answer::Nak(Duration::from_secs(9))),
        ] {
            let (mut held, key) = held(2);
            assert_eq!(held.ended(key, one), None);
            assert_eq!(held.ended(key, other), Some(("first".into(), expected)));
            assert_eq!((held.len(), held.by_sequence.len()), (0, 0));
            assert_eq!(held.ended(key, other), None);
        }
    }

    #[test]
    fn the_last_delivery_is_answered() {
        let (mut held, key) = held(1);
        assert!(held.replace(&"second".into(), Delivered { times: 2, sequence: 7 }).is_some());
        assert!(held.replace(&"other".into(), Delivered { times: 1, sequence: 8 }).is_none());
        assert_eq!(held.ended(key, Ending::Handled), Some(("second".into(), Answer::Ack)));
    }

    #[test]
    fn what_has_just_come_needs_no_sign_of_life() {
        let (mut held, _) = held(1);
        assert_eq!(held.give_signs().count(), 0);
        assert_eq!(held.give_signs().count(), 1);
    }
}

//! Frames that wait to be written, one behind the other.

use tokio::sync::oneshot;

/// Is told when the last byte of an event was handed to the socket, or why it never was.
pub(in super::super) type Handed = oneshot::Sender<Result<(), String>>;

/// The room that is kept for later in any case, in bytes. More is kept while it is used.
const KEPT: usize = 256 * 1024;

/// Frames that wait to be written.
#[derive(Default)]
pub(super) struct Outbox {
    bytes: Vec<u8>,
    frames: Vec<Frame>,
    /// How many of the bytes have been handed to the socket, and how many of the frames, all of them.
    written: usize,
    handed: usize,
    /// How many of the frames are events.
    events: usize,
}

struct Frame {
    /// Where it ends in the bytes.
    end: usize,
    what: What,
}

pub(super) enum What {
    /// A request, by its id.
    Request(u64),
    /// An event, and who wants to know of its fate.
    Event(Option<Handed>),
}

impl Outbox {
    pub(super) fn push(&mut self, frame: &[u8], what: What) {
        self.events += usize::from(matches!(what, What::Event(_)));
        self.bytes.extend_from_slice(frame);
        self.frames.push(Frame { end: self.bytes.len(), what });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn events(&self) -> usize {
        self.events
    }

    /// Its size in bytes, written or not.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn unwritten(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// The requests that are here.
    pub(super) fn requests(&self) -> impl Iterator<Item = u64> {
        self.frames.iter().filter_map(|frame| match frame.what {
            What::Request(id) => Some(id),
            What::Event(_) => None,
        })
    }

    /// So many bytes more were handed to the socket.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.written += bytes;
        while let Some(frame) = self.frames.get_mut(self.handed)
            && frame.end <= self.written
        {
            if let What::Event(handed) = &mut frame.what
                && let Some(handed) = handed.take()
            {
                let _ = handed.send(Ok(()));
            }
            self.handed += 1;
        }
        if self.handed == self.frames.len() {
            self.clear();
        }
    }

    fn clear(&mut self) {
        if self.bytes.capacity() > KEPT.max(8 * self.bytes.len()) {
            *self = Self::default();
        }
        self.frames.clear();
        self.bytes.clear();
        (self.written, self.handed, self.events) = (0, 0, 0);
    }

    /// Forgets what was written, for the next connection. A frame of which a part was is not sent again: a peer that
    /// could not bear it would be sent it for ever. If it is an event, it is the lost one.
    pub(super) fn cut_off(&mut self, reason: &str) -> usize {
        let begun = (self.start_of(self.handed) < self.written).then_some(self.handed);
        let handed = std::mem::take(&mut self.handed);
        let (mut at, mut lost) = (0, 0);
        self.retain(|what| {
            let is_gone = at < handed || Some(at) == begun;
            if Some(at) == begun {
                lost += fail(what, reason);
            }
            at += 1;
            !is_gone
        });
        lost
    }

    /// Keeps the frames that `keep` wants. Nothing of the first one may be written.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&mut What) -> bool) {
        let (mut start, mut end, mut events) = (0, 0, 0);
        let bytes = &mut self.bytes;
        self.frames.retain_mut(|frame| {
            let range = std::mem::replace(&mut start, frame.end)..frame.end;
            if !keep(&mut frame.what) {
                return false;
            }
            events += usize::from(matches!(frame.what, What::Event(_)));
            let length = range.len();
            if range.start != end {
                bytes.copy_within(range, end);
            }
            end += length;
            frame.end = end;
            true
        });
        self.bytes.truncate(end);
        (self.written, self.handed, self.events) = (0, 0, events);
    }

    /// Gives up all events; how many nobody hears of.
    pub(super) fn fail_events(&mut self, reason: &str) -> usize {
        let mut lost = 0;
        self.retain(|what| {
            lost += fail(what, reason);
            matches!(what, What::Request(_))
        });
        lost
    }

    /// Adds what another holds, behind what is here.
    pub(super) fn append(&mut self, other: Self) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.frames.extend(other.frames.into_iter().map(|frame| Frame { end: frame.end + before, ..frame }));
        self.events += other.events;
    }

    fn start_of(&self, frame: usize) -> usize {
        frame.checked_sub(1).map_or(0, |before| self.frames[before].end)
    }
}

/// Fails an event; 1 if nobody hears of it.
fn fail(what: &mut What, reason: &str) -> usize {
    match what {
        What::Request(_) => 0,
        What::Event(None) => 1,
        What::Event(handed) => {
            if let Some(handed) = handed.take() {
                let _ = handed.send(Err(reason.to_owned()));
            }
            0
        }
    }
}

/// Whether somebody still wants a frame to be sent that nobody may have begun to.
pub(super) fn is_wanted(what: &What, is_pending: impl FnOnce(u64) -> bool) -> bool {
    match what {
        What::Request(id) => is_pending(*id),
        What::Event(handed) => handed.as_ref().is_none_or(|handed| !handed.is_closed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(frames: &[&str]) -> Outbox {
        let mut outbox = Outbox::default();
        for (id, frame) in (0..).zip(frames) {
            outbox.push(frame.as_bytes(), What::Request(id));
        }
        outbox
    }

    #[test]
    fn a_cut_off_keeps_what_was_not_begun() {
        for written in 0..=9 {
            let mut outbox = outbox(&["aaa", "bbb", "ccc"]);
            outbox.push(b"d", What::Event(None));
            outbox.advance(written);
            let lost = outbox.cut_off("gone");
            assert_eq!(outbox.unwritten(), &b"aaabbbcccd"[written.next_multiple_of(3)..], "{written} bytes");
            assert_eq!(
                outbox.requests().collect::<Vec<_>>(),
                (written.div_ceil(3) as u64..3).collect::<Vec<_>>()
            );
            assert_eq!((outbox.events(), lost), (1, 0));
        }
    }

    #[test]
    fn an_event_is_told_of_its_fate_at_its_last_byte() {
        let (mut outbox, (handed, mut fate)) = (outbox(&["aa"]), oneshot::channel());
        outbox.push(b"bb", What::Event(Some(handed)));
        outbox.push(b"cc", What::Event(None));
        outbox.advance(3);
        assert!(fate.try_recv().is_err());
        outbox.advance(1);
        assert_eq!(fate.try_recv(), Ok(Ok(())));
        outbox.advance(1);
        assert_eq!(outbox.cut_off("gone"), 1, "the event of which a byte was written");
        assert!(outbox.is_empty());
    }

    #[test]
    fn what_is_kept_moves_to_the_front() {
        let mut outbox = outbox(&["aa", "b", "cccc", "d"]);
        outbox.retain(|what| matches!(what, What::Request(1 | 3)));
        let mut other = Outbox::default();
        other.push(b"ee", What::Event(None));
        outbox.append(other);
        assert_eq!((outbox.unwritten(), outbox.events()), (&b"bdee"[..], 1));
        outbox.advance(2);
        outbox.advance(2);
        assert!(outbox.is_empty());
    }
}

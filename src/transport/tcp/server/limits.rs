//! The limits in time of one connection. It is looked at now and then, so that no clock is read for a frame.

use std::time::Duration;

use tokio::time::Instant;

use super::super::options::Limits;

/// How often it is looked at, at the least and at the most.
const LOOK: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(5));

/// How a connection stands when it is looked at. Each number only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Standing {
    /// Frames read.
    pub(super) frames: u64,
    /// Bytes written.
    pub(super) written: u64,
    /// A frame has begun to come, and is not all there.
    pub(super) mid_frame: bool,
    /// Something waits to be written.
    pub(super) unwritten: bool,
    /// A request is in flight.
    pub(super) busy: bool,
    /// It takes no more frames.
    pub(super) closing: bool,
}

/// A limit that a connection has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Exceeded {
    #[error("the peer took longer than {0:?} over one frame")]
    Frame(Duration),
    #[error("the peer read nothing of its replies for {0:?}")]
    Unread(Duration),
    #[error("nothing came for {0:?}")]
    Idle(Duration),
    #[error("what was in flight took longer than {0:?} after the connection was to close")]
    Closing(Duration),
}

/// Remembers since when a connection stands as it does.
#[derive(Debug)]
pub(super) struct Watch {
    last: Standing,
    mid_frame: Option<Instant>,
    unread: Option<Instant>,
    idle: Option<Instant>,
    closing: Option<Instant>,
    quiet: bool,
}

/// How often to look.
pub(super) fn period(limits: &Limits) -> Duration {
    (limits.frame_time.min(limits.idle_time) / 4).clamp(LOOK.0, LOOK.1)
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            last: Standing::default(),
            mid_frame: None,
            unread: None,
            idle: None,
            closing: None,
            quiet: false,
        }
    }

    /// Looks at the connection.
    pub(super) fn look(&mut self, now: Instant, standing: Standing, limits: &Limits) -> Option<Exceeded> {
        let last = std::mem::replace(&mut self.last, standing);
        let same_frame = standing.frames == last.frames;
        let same_written = standing.written == last.written;
        let quiet = !standing.busy && !standing.mid_frame && !standing.unwritten;
        let time = limits.frame_time;
        let mid_frame = since(&mut self.mid_frame, standing.mid_frame, same_frame, now);
        let unread = since(&mut self.unread, standing.unwritten, same_written, now);
        let closing = since(&mut self.closing, standing.closing, true, now);
        let idle = since(&mut self.idle, quiet, same_frame, now);
        self.quiet = quiet && same_frame;
        if mid_frame >= time {
            Some(Exceeded::Frame(time))
        } else if unread >= time {
            Some(Exceeded::Unread(time))
        } else if closing >= time {
            Some(Exceeded::Closing(time))
        } else if idle >= limits.idle_time {
            Some(Exceeded::Idle(limits.idle_time))
        } else {
            None
        }
    }

    /// Whether nothing has come since the last look, and nothing is to be done.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }
}

/// For how long something has held, of the same frame or the same bytes.
fn since(began: &mut Option<Instant>, holds: bool, same: bool, now: Instant) -> Duration {
    if !holds {
        *began = None;
        return Duration::ZERO;
    }
    if !same {
        *began = None;
    }
    now.saturating_duration_since(*began.get_or_insert(now))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Exceeded, Standing, Watch};
    use crate::transport::tcp::options::Tcp;

    fn looks(standings: &[(u64, Standing)]) -> Vec<Option<Exceeded>> {
        let limits =
            Tcp::port(0).frame_time(Duration::from_secs(4)).idle_time(Duration::from_secs(20)).limits;
        let began = Instant::now();
        let mut watch = Watch::new();
        let look = |(at, standing): &(u64, Standing)| {
            watch.look(began + Duration::from_secs(*at), *standing, &limits)
        };
        standings.iter().map(look).collect()
    }

    const QUIET: Standing =
        Standing { frames: 3, written: 9, mid_frame: false, unwritten: false, busy: false, closing: false };

    #[test]
    fn a_frame_that_does_not_come_to_its_end() {
        let mid = Standing { mid_frame: true, ..QUIET };
        assert_eq!(
            looks(&[(0, mid), (1, mid), (3, mid), (4, mid)]),
            [None, None, None, Some(Exceeded::Frame(Duration::from_secs(4)))]
        );
        let next = |frames| Standing { frames, ..mid };
        assert_eq!(looks(&[(0, next(1)), (3, next(2)), (6, next(3)), (9, next(4))]), [None; 4]);
    }

    #[test]
    fn replies_that_are_not_read() {
        let full = Standing { unwritten: true, busy: true, ..QUIET };
        let exceeded = Some(Exceeded::Unread(Duration::from_secs(4)));
        assert_eq!(looks(&[(0, full), (1, full), (4, full)]), [None, None, exceeded]);
        let some = |written| Standing { written, ..full };
        assert_eq!(looks(&[(0, some(1)), (5, some(2)), (10, some(3))]), [None; 3]);
    }

    #[test]
    fn a_connection_without_frames_and_requests() {
        let exceeded = Some(Exceeded::Idle(Duration::from_secs(20)));
        assert_eq!(looks(&[(0, QUIET), (1, QUIET), (19, QUIET), (20, QUIET)]), [None, None, None, exceeded]);
        let busy = Standing { busy: true, ..QUIET };
        assert_eq!(looks(&[(0, busy), (30, busy), (60, busy)]), [None; 3]);
    }
}

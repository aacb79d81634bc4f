//! What failed attempts leave behind while the broker waits with the event: the attempt that comes next and the log of
//! those before. It is the process's: after its end, or in another instance, the delivery count says the attempt.

use std::collections::{HashMap, VecDeque};

use crate::supervisor::Resume;

/// How many events are remembered; beyond it the oldest go.
const REMEMBERED: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Resumes {
    known: HashMap<(u64, u32), Resume>,
    /// In the order in which they came; some may have been taken since.
    order: VecDeque<(u64, u32)>,
}

impl Resumes {
    pub(super) fn remember(&mut self, sequence: u64, subscription: u32, resume: Resume) {
        let key = (sequence, subscription);
        if self.known.insert(key, resume).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }

    pub(super) fn take(&mut self, sequence: u64, subscription: u32) -> Option<Resume> {
        if self.known.is_empty() {
            return None;
        }
        let key = (sequence, subscription);
        let resume = self.known.remove(&key)?;
        // Few wait at a time, and the oldest come first.
        if let Some(index) = self.order.iter().position(|known| *known == key) {
            self.order.remove(index);
        }
        Some(resume)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_oldest_go_beyond_the_bound() {
        let resume = |attempt| Resume { attempt, history: None, since: None, delay: Duration::ZERO };
        let mut resumes = Resumes::default();
        for sequence in 0..=REMEMBERED as u64 {
            resumes.remember(sequence, 0, resume(2));
            resumes.remember(sequence, 0, resume(3));
        }
        assert!(resumes.take(0, 0).is_none());
        assert_eq!(resumes.take(1, 0).map(|resume| resume.attempt), Some(3));
        assert!(resumes.take(1, 0).is_none());
        assert_eq!(resumes.known.len(), resumes.order.len());
    }
}

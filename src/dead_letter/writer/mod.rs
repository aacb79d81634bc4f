//! The thread that owns the store.

mod backlog;
mod command;

pub(super) use command::{Ask, Command, Unwritten, guarded};

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::thread;
use std::time::Instant;

use super::record::DeadLetter;
use super::stats::Counters;
use super::store::{DeadLetterStore, StoreError};
use backlog::Backlog;

/// Who is told of the letters that have been written.
pub(super) type Told = Box<dyn Fn(Vec<Arc<DeadLetter>>) + Send>;

/// Starts the thread. It ends after [`Command::Close`], or when nobody can command it any more.
pub(super) fn start(
    store: Box<dyn DeadLetterStore>,
    commands: Receiver<Command>,
    counters: Arc<Counters>,
    max_waiting: usize,
    told: Told,
) -> io::Result<()> {
    let backlog = Backlog::new(Arc::clone(&counters), max_waiting);
    let writer = Writer { store, commands, backlog, counters, told, closing: None };
    thread::Builder::new().name("dead-letters".to_owned()).spawn(move || writer.run()).map(drop)
}

struct Writer {
    store: Box<dyn DeadLetterStore>,
    commands: Receiver<Command>,
    backlog: Backlog,
    counters: Arc<Counters>,
    told: Told,
    closing: Option<Closing>,
}

struct Closing {
    deadline: Instant,
    done: Vec<SyncSender<()>>,
}

impl Writer {
    fn run(mut self) {
        while self.step() {}
        let Self { store, commands, backlog, counters: _, told, closing } = self;
        // In this order: what is left is counted as lost, then the file is closed, then it is said.
        drop(commands);
        drop(backlog);
        drop(told);
        let _ = guarded(|| {
            drop(store);
            Ok(())
        });
        for done in closing.into_iter().flat_map(|closing| closing.done) {
            let _ = done.try_send(());
        }
    }

    /// Takes one command, or writes a batch where there is none. False at the end.
    fn step(&mut self) -> bool {
        let now = Instant::now();
        if self.backlog.has_full_batch() && self.backlog.is_due(now) {
            let _ = self.write_batch();
            return true;
        }
        match self.commands.try_recv() {
            Ok(command) => self.obey(command),
            Err(TryRecvError::Empty) if self.backlog.is_due(now) => {
                let _ = self.write_batch();
            }
            Err(TryRecvError::Empty) => return self.wait(now),
            Err(TryRecvError::Disconnected) => {
                let _ = self.write_all();
                return false;
            }
        }
        true
    }

    /// There is nothing to do now. False at the end.
    fn wait(&mut self, now: Instant) -> bool {
        let deadline = self.closing.as_ref().map(|closing| closing.deadline);
        if deadline.is_some_and(|deadline| self.backlog.is_empty() || deadline <= now) {
            return false;
        }
        let until = match (self.backlog.next_try(), deadline) {
            (Some(next_try), Some(deadline)) => Some(next_try.min(deadline)),
            (next_try, _) => next_try,
        };
        let received = match until {
            Some(until) => self.commands.recv_timeout(until.saturating_duration_since(now)),
            None => self.commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(command) => self.obey(command),
            Err(RecvTimeoutError::Timeout) => {}
            // The next step sees it again, and ends.
            Err(RecvTimeoutError::Disconnected) => {}
        }
        true
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Bury(letter) => self.backlog.bury(letter),
            Command::Settle(change) => self.backlog.settle(change),
            Command::Read(ask) => {
                // While the store fails, its readers need not wait for one more try to write.
                if !self.backlog.is_failing() {
                    let _ = self.write_all();
                }
                ask(Ok(&mut *self.store));
            }
            Command::Write(ask) => match self.write_all() {
                Ok(()) => ask(Ok(&mut *self.store)),
                // What waits may concern the very letter that is asked for.
                Err(error) => ask(Err(error)),
            },
            Command::Flush(done) => {
                let _ = done.send(self.write_all());
            }
            Command::Close { deadline, done } => {
                let closing = self.closing.get_or_insert(Closing { deadline, done: Vec::new() });
                closing.deadline = closing.deadline.min(deadline);
                closing.done.push(done);
            }
        }
    }

    fn write_all(&mut self) -> Result<(), StoreError> {
        while !self.backlog.is_empty() {
            self.write_batch()?;
        }
        Ok(())
    }

    fn write_batch(&mut self) -> Result<(), StoreError> {
        let Self { store, backlog, counters, told, .. } = self;
        let written = backlog.write_batch(|changes| guarded(|| store.write(changes)))?;
        if !written.is_empty() {
            counters.evicted(store.evicted());
            told(written);
        }
        Ok(())
    }
}

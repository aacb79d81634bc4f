//! A remote service, over a pool of connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::oneshot;

use super::builder::Options;
use super::encode;
use super::link::Link;
use super::status::Board;
use super::stream::Streaming;
use crate::event::SharedEvent;
use crate::metadata::Metadata;
use crate::peer::{EventPeer, Outgoing, Peer};
use crate::supervisor::{Deadline, Refusal};
use crate::wire::EncodeError;

/// A remote service, over a pool of connections.
pub(crate) struct TcpPeer {
    options: Arc<Options>,
    pub(super) board: Arc<Board>,
    /// The first is the one of all events.
    links: Box<[Link]>,
    /// Whose turn it is to take a request.
    turn: AtomicUsize,
}

impl TcpPeer {
    pub(super) fn new(options: Options) -> Self {
        let options = Arc::new(options);
        let board = Arc::new(Board::new(options.connections));
        let links: Box<[_]> = (0..options.connections)
            .map(|index| Link::new(Arc::clone(&options), Arc::clone(&board), index))
            .collect();
        if options.eager {
            links.iter().for_each(Link::start);
        }
        Self { options, board, links, turn: AtomicUsize::new(0) }
    }

    /// Sends an event whose payload has this type.
    ///
    /// # Errors
    ///
    /// Why it is not taken.
    pub(super) fn emit_payload<T: Serialize + 'static>(
        &self,
        metadata: &Metadata,
        payload: &T,
    ) -> Result<(), String> {
        self.put_event(|frame| encode::event(frame, metadata, payload), None)
    }

    fn put_event(
        &self,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
        handed: Option<super::link::Handed>,
    ) -> Result<(), String> {
        encode::with_scratch(|frame| {
            encode(frame).map_err(|error| format!("the payload: {error}"))?;
            self.links[0].event(frame, handed)
        })
    }

    pub(super) fn close(&self) {
        self.links.iter().for_each(Link::close);
    }

    fn next(&self) -> &Link {
        match &*self.links {
            [only] => only,
            links => &links[self.turn.fetch_add(1, Ordering::Relaxed) % links.len()],
        }
    }
}

impl Peer for TcpPeer {
    fn name(&self) -> &str {
        &self.options.name
    }

    fn request(
        &self,
        request: Arc<dyn Outgoing>,
        deadline: Deadline,
        after: Duration,
    ) -> Result<(), Refusal> {
        if !request.is_stream() {
            return self.next().request(request, deadline, after);
        }
        let runtime = self.links[0].runtime()?;
        runtime.spawn(Streaming::new(request, Arc::clone(&self.options), deadline, after)?.run());
        Ok(())
    }

    fn request_timeout(&self) -> Duration {
        self.options.request_timeout
    }
}

impl EventPeer for TcpPeer {
    fn emit(&self, event: &SharedEvent) -> Result<(), String> {
        self.put_event(|frame| encode::shared_event(frame, event), None)
    }

    /// One whose receiver is dropped before a byte of it was written is not sent.
    fn emit_tracked(&self, event: &SharedEvent) -> Result<oneshot::Receiver<Result<(), String>>, String> {
        let (handed, fate) = oneshot::channel();
        self.put_event(|frame| encode::shared_event(frame, event), Some(handed))?;
        Ok(fate)
    }
}

//! Streams whose reader has gone. An item says where to say so, as its reply subject: the reader's node does where it is
//! still there, and the server of NATS ("no responders") where nobody listens any more, a client of NestJS's say that has
//! unsubscribed.

use std::task::{Context, Poll};

use async_nats::{Client, Message, StatusCode, Subject, Subscriber};
use futures::StreamExt;

/// A reader of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reader {
    /// That of its request.
    pub(super) slot: u32,
    /// No other request of the node has had it.
    pub(super) number: u64,
}

/// What is said of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Its node says that it has gone.
    Gone,
    /// An item reached nobody. It may be that a server of a cluster does not know of the others yet.
    Unheard,
}

/// Hears of readers that have gone.
pub(super) struct Left {
    inbox: String,
    messages: Subscriber,
}

impl Left {
    /// Begins to hear of them.
    ///
    /// # Errors
    ///
    /// If the client has ended.
    pub(super) async fn subscribe(client: &Client) -> Result<Self, String> {
        let inbox = client.new_inbox();
        let messages = client.subscribe(format!("{inbox}.*")).await.map_err(|error| error.to_string())?;
        Ok(Self { inbox, messages })
    }

    /// Where to say that a reader has gone.
    pub(super) fn subject(&self, Reader { slot, number }: Reader) -> Subject {
        Subject::from(format!("{}.{slot}-{number}", self.inbox))
    }

    /// The next reader of which something is said.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<(Reader, Word)>> {
        loop {
            match self.messages.poll_next_unpin(cx) {
                Poll::Ready(Some(message)) => {
                    if let Some(said) = said(&message) {
                        return Poll::Ready(Some(said));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

fn said(message: &Message) -> Option<(Reader, Word)> {
    // A stream of JetStream's that keeps the answers acknowledges them here.
    if !message.payload.is_empty() {
        return None;
    }
    let word = match message.status {
        Some(StatusCode::NO_RESPONDERS) => Word::Unheard,
        _ => Word::Gone,
    };
    Some((read(&message.subject)?, word))
}

fn read(subject: &str) -> Option<Reader> {
    let (slot, number) = subject.rsplit('.').next()?.split_once('-')?;
    Some(Reader { slot: slot.parse().ok()?, number: number.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_reader_is_passed_over() {
        assert_eq!(read("_INBOX.x.7-1234"), Some(Reader { slot: 7, number: 1234 }));
        for subject in ["", "_INBOX.x.7", "_INBOX.x.7-", "_INBOX.x.-1-2", "_INBOX.x.a-2"] {
            assert_eq!(read(subject), None, "{subject}");
        }
    }
}

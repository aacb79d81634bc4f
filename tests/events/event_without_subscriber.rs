//! An event that nobody subscribes to is counted, and logged once a pattern; or it is a dead letter, if the node is so
//! configured.

use std::io;

use nestling::prelude::*;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Log, Tick, Tock, idle, letters, until};

#[derive(Clone, Default)]
struct Lines(Log<String>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[actix::test]
async fn is_counted_and_logged_once_a_pattern() {
    let lines = Lines::default();
    let logs = tracing_subscriber::fmt().with_writer(lines.clone()).with_ansi(false).finish();
    let _logs = tracing::subscriber::set_default(logs);
    let node = Node::builder("test").start().await.unwrap();
    for n in 0..10 {
        node.client().emit(Tick { n });
        node.client().emit(Tock { n });
    }
    until("all are counted", || node.stats().no_subscriber == 20).await;

    let told = lines.0.all().concat();
    let about = |pattern: &str| {
        told.lines().filter(|line| line.contains("no service subscribes") && line.contains(pattern)).count()
    };
    assert_eq!((about("tick"), about("tock")), (1, 1), "{told}");
    assert!(letters(&node).await.is_empty());
}

#[actix::test]
async fn is_a_dead_letter_if_the_node_is_so_configured() {
    let node = Node::builder("test").dead_letter_unsubscribed(true).start().await.unwrap();
    node.client().emit(Tick { n: 7 });
    idle(&node).await;
    let letters = letters(&node).await;
    assert_eq!(letters.len(), 1, "the node's own events are no dead letters: {letters:?}");
    assert_eq!(node.stats().no_subscriber, 1);
}

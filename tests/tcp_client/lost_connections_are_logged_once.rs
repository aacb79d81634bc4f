//! What happens to a connection is said once, with the peer and the cause.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use nestling::TcpClient;
use nestling::prelude::*;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context as LayerContext, SubscriberExt};

use crate::peer::{Peer, soon};
use crate::types::{Counted, Double};

/// The warnings of this thread, each in a line.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: LayerContext<'_, S>) {
        if *event.metadata().level() <= Level::WARN && event.metadata().target().starts_with("nestling") {
            let mut line = Line::default();
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }
}

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Warnings {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn with_the_peer_and_the_cause() {
    let warnings = Warnings::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(warnings.clone()));
    let peer = Peer::start().await;
    let address = peer.address();
    let client = TcpClient::builder(address.to_string())
        .reconnect(Backoff::new(Duration::from_millis(1), 1.0, Duration::from_millis(1)))
        .build();

    let asked = async {
        tokio::join!(client.send(Double(1)), client.send(Double(2)), async {
            let mut connection = peer.accept().await;
            (connection.packet().await, connection.packet().await)
        })
    };
    let (first, second, _) = soon(asked).await;
    assert!(first.is_err() && second.is_err());
    let lost = warnings.take();
    let [lost] = &lost[..] else { panic!("{lost:#?}") };
    for says in ["the connection is lost", &format!("tcp://{address}"), "the peer closed it", "requests=2"] {
        assert!(lost.contains(says), "{says} is not in {lost}");
    }

    drop(peer);
    client.emit(Counted(1)).unwrap();
    // Each of these waits for an attempt, and all fail.
    for _ in 0..5 {
        assert!(soon(client.send(Double(3))).await.is_err());
    }
    let failed = warnings.take();
    let [failed] = &failed[..] else { panic!("{failed:#?}") };
    for says in ["not connected", &format!("tcp://{address}"), "refused", "events=1"] {
        assert!(failed.contains(says), "{says} is not in {failed}");
    }
}

//! Events that wait for a server that is away when their node ends are dead letters.

use std::time::Duration;

use nestling::EmitError;
use nestling::prelude::*;

use crate::a_server_that_goes::away;
use crate::nats_server::NatsServer;
use crate::support::{Created, connected, letters};

#[actix::test]
async fn what_waits_when_the_node_ends_is_a_dead_letter() {
    let mut server = NatsServer::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.db");
    let store = nestling::SqliteStore::open(&path).unwrap();
    let caller = connected("caller", &server).dead_letters(store).start().await.unwrap();
    server.kill();
    away(&caller).await;
    for n in 0..30 {
        caller.client().emit(Created(n));
    }
    let error =
        caller.client().emit_confirmed(Created(30)).timeout(Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, EmitError::Unconfirmed { .. }), "{error}");
    let report = caller.shutdown(Duration::from_millis(300)).await;
    assert_eq!(report.stats.dead_letters.recorded, 30, "{report:?}");
    let again = Node::builder("caller").dead_letters(nestling::SqliteStore::open(&path).unwrap());
    let again = again.start().await.unwrap();
    let dead = letters(&again).await;
    assert_eq!(dead.len(), 30, "what was to be confirmed belongs to its caller");
    assert!(dead.iter().all(|letter| letter.reason == Reason::Unreachable));
}

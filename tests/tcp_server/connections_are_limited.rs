//! One connection more than there may be is closed at once; when one ends, there is room for another.

use nestling::Tcp;
use tracing::Level;

use crate::logs::Logs;
use crate::support::{Peer, soon, started_with};

#[actix::test]
async fn in_number() {
    let logs = Logs::default();
    let _collecting = logs.collect();
    let (node, _) = started_with(Tcp::port(0).max_connections(2)).await;
    let (mut one, mut other) = (Peer::to(&node).await, Peer::to(&node).await);
    one.expect_well().await;
    other.expect_well().await;
    for _ in 0..3 {
        Peer::to(&node).await.expect_end().await;
    }
    one.expect_well().await;
    let full = |logs: &Logs| logs.at(Level::WARN).iter().filter(|line| line.contains("as many as")).count();
    assert_eq!(full(&logs), 1, "a crowd at the door does not fill the log");

    drop(other);
    soon("room for another", async {
        loop {
            let mut another = Peer::to(&node).await;
            another.send(r#"{"pattern":"sum","data":[1],"id":1}"#).await;
            if another.next().await.is_some() {
                break;
            }
        }
    })
    .await;
}

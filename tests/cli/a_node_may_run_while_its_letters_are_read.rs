//! Reading disturbs no node, and what only one may do is refused while a node runs.

use crate::support::{Room, bury, run_beside, text, unlucky};

#[actix::test]
async fn it_is_read_and_goes_on() {
    let room = Room::new();
    let path = room.path("letters.db");
    let store = text(&path);
    let (node, _subscriptions) = unlucky(&path).await;
    for orders in 1..=3 {
        bury(&node, 1).await;
        let list = run_beside(&["dead-letters", "--store", store, "list", "--json"]).await.expect(0);
        assert_eq!(list.json_lines().len(), 2 * orders, "what was confirmed is seen");
    }
    let export = room.path("letters.jsonl");
    run_beside(&["dead-letters", "--store", store, "export", text(&export)]).await.expect(0);
    run_beside(&["dead-letters", "--store", store, "groups"]).await.expect(0);
    bury(&node, 1).await;
    assert_eq!(node.dead_letters().list(nestling::Filter::new()).await.unwrap().letters.len(), 8);
}

#[actix::test]
async fn nothing_is_discarded_behind_its_back() {
    let room = Room::new();
    let path = room.path("letters.db");
    let (node, _subscriptions) = unlucky(&path).await;
    bury(&node, 1).await;
    let refused = run_beside(&["dead-letters", "--store", text(&path), "discard", "--all"]).await.expect(3);
    assert!(refused.stderr.contains("stop it first"), "{}", refused.stderr);
    let new = nestling::Filter::new().status(nestling::Status::New);
    assert_eq!(node.dead_letters().list(new).await.unwrap().letters.len(), 2);
}

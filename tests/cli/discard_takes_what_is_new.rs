//! `discard` takes new letters, by id or by filter, and says of the others why not.

use crate::support::{Room, letters, run};

#[actix::test]
async fn by_id() {
    let room = Room::new();
    let store = letters(&room, 2).await;
    let ids: Vec<_> = run(&["dead-letters", "--store", &store, "list", "--json"])
        .json_lines()
        .iter()
        .map(|letter| letter["id"].as_str().unwrap().to_owned())
        .collect();
    let discarded = run(&["dead-letters", "--store", &store, "discard", &ids[0], &ids[1]]).expect(0);
    assert_eq!(discarded.stdout, "discarded 2\n");
    let again =
        run(&["dead-letters", "--store", &store, "discard", "nobody", &ids[0], &ids[2], "--json"]).expect(1);
    assert_eq!(again.stdout, "{\"discarded\":1}\n");
    assert!(again.stderr.contains("no dead letter has the id nobody"), "{}", again.stderr);
    assert!(again.stderr.contains(&format!("{} is discarded, not new", ids[0])), "{}", again.stderr);
    let left = run(&["dead-letters", "--store", &store, "list", "--json", "--status", "new"]).json_lines();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["id"], ids[3].as_str());
}

#[actix::test]
async fn by_filter() {
    let room = Room::new();
    let store = letters(&room, 3).await;
    let discard = |flags: &[&str]| {
        let args: Vec<_> =
            ["dead-letters", "--store", &store, "discard"].iter().chain(flags).copied().collect();
        run(&args)
    };
    assert_eq!(discard(&["--service", "mail", "--text", "for 3"]).expect(0).stdout, "discarded 1\n");
    assert_eq!(discard(&["--reason", "panic"]).expect(0).stdout, "discarded 3\n");
    for nonsense in [&[][..], &["x", "--all"], &["x", "--service", "mail"]] {
        discard(nonsense).expect(2);
    }
    assert_eq!(discard(&["--all"]).expect(0).stdout, "discarded 2\n");
    assert_eq!(discard(&["--all"]).expect(0).stdout, "discarded 0\n");
}

//! A node whose dead letters cannot be kept does not start, and says which file and why.
#![cfg(feature = "sqlite")]

use std::error::Error;
use std::path::Path;

use nestling::prelude::*;

/// As a `main` would do it.
async fn run(path: &Path) -> Result<(), Box<dyn Error>> {
    let node = Node::builder("shop").dead_letters(SqliteStore::open(path)?).start().await?;
    node.shutdown(Duration::from_secs(1)).await;
    Ok(())
}

async fn refusal(path: &Path) -> String {
    let refusal = run(path).await.unwrap_err().to_string();
    assert!(refusal.contains(path.file_name().unwrap().to_str().unwrap()), "it names the file: {refusal}");
    refusal
}

#[actix::test]
async fn because_there_is_no_directory_or_it_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let refused = refusal(&directory.path().join("missing/letters.db")).await;
    assert!(refused.contains("make it first"), "{refused}");
    let refused = refusal(directory.path()).await;
    assert!(refused.contains("it is a directory"), "{refused}");
}

#[actix::test]
async fn because_it_is_corrupt_and_then_the_file_stays_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let rubbish = b"this is no database, however long it may be".repeat(100);
    std::fs::write(&path, &rubbish).unwrap();
    let refused = refusal(&path).await;
    assert!(refused.contains("is damaged or no SQLite database"), "{refused}");
    assert_eq!(std::fs::read(&path).unwrap(), rubbish);
}

#[actix::test]
async fn because_another_node_has_it_and_not_any_more_when_that_failed_to_start() {
    #[derive(Service)]
    #[service("twin")]
    struct Twin;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letters.db");
    let node = Node::builder("first").dead_letters(SqliteStore::open(&path).unwrap()).start().await.unwrap();
    let refused = refusal(&path).await;
    assert!(refused.contains("is in use by another node"), "{refused}");
    node.shutdown(Duration::from_secs(5)).await;

    let twins = Node::builder("twins").service(Twin).service(Twin);
    twins.dead_letters(SqliteStore::open(&path).unwrap()).start().await.unwrap_err();
    run(&path).await.unwrap();
    let broken = Node::builder("broken").service_with(|_| -> Twin { panic!("no configuration") });
    broken.dead_letters(SqliteStore::open(&path).unwrap()).start().await.unwrap_err();
    run(&path).await.unwrap();
}

//! The length of a frame is its JSON's in UTF-16 code units, both ways.

use tokio::io::AsyncReadExt;

use crate::peer::{Peer, soon};
use crate::types::Echo;

#[tokio::test]
async fn both_ways() {
    let peer = Peer::start().await;
    let client = peer.client();
    let asked = tokio::spawn(async move { client.send(Echo("é😀".to_owned())).await });
    let mut connection = peer.accept().await;
    let expected = r#"40#{"pattern":"echo","data":"é😀","id":"1"}"#;
    let mut read = vec![0; expected.len()];
    soon(connection.stream.read_exact(&mut read)).await.unwrap();
    assert_eq!(String::from_utf8(read).unwrap(), expected);
    connection.write(r#"47#{"response":"€😀😀","isDisposed":true,"id":"1"}"#).await;
    assert_eq!(soon(asked).await.unwrap().unwrap(), "€😀😀");
}

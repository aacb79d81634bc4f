//! Replies may come in any order and in any pieces.

use futures::future::join_all;
use nestling::TcpClient;
use serde_json::json;

use crate::peer::{Peer, frame, soon};
use crate::types::{Double, Echo};

#[tokio::test]
async fn in_the_opposite_order() {
    let peer = Peer::start().await;
    let client = peer.client();
    let asked = tokio::spawn(async move { join_all((0..100).map(|n| client.send(Double(n)))).await });
    let mut connection = peer.accept().await;
    let mut requests = Vec::new();
    for _ in 0..100 {
        requests.push(connection.packet().await);
    }
    for request in requests.iter().rev() {
        let n = request["data"].as_u64().unwrap();
        connection.respond(request, json!(n * 2)).await;
    }
    let expected: Vec<_> = (0..100).map(|n| Ok(n * 2)).collect();
    assert_eq!(soon(asked).await.unwrap(), expected);
}

#[tokio::test]
async fn cut_at_every_byte() {
    let peer = Peer::start().await;
    let client = peer.client();
    let serve = async {
        let mut connection = peer.accept().await;
        connection.stream.set_nodelay(true).unwrap();
        // One reply of each length of header, with letters of one to four bytes.
        for _ in 0..2 {
            let request = connection.packet().await;
            let (id, text) = (request["id"].to_string(), request["data"].as_str().unwrap());
            let reply = frame(&format!(r#"{{"response":"{text}","isDisposed":true,"id":{id}}}"#));
            for byte in reply.as_bytes() {
                connection.write([*byte]).await;
                tokio::task::yield_now().await;
            }
        }
        connection
    };
    let ask = async {
        for text in ["aé€😀", &"😀€é".repeat(20)] {
            assert_eq!(soon(client.send(Echo(text.to_owned()))).await.unwrap(), text);
        }
    };
    tokio::join!(serve, ask);
}

#[tokio::test]
async fn many_in_one_segment_and_replies_for_nobody() {
    let peer = Peer::start().await;
    let client = peer.client();
    let asked = tokio::spawn(async move { tokio::join!(client.send(Double(1)), client.send(Double(2))) });
    let mut connection = peer.accept().await;
    let (first, second) = (connection.packet().await["id"].clone(), connection.packet().await["id"].clone());
    let mut replies = String::new();
    for nobodys in [
        json!({}),
        json!(null),
        json!([1]),
        json!("text"),
        json!({ "response": 9, "isDisposed": true }),
        json!({ "response": 9, "isDisposed": true, "id": null }),
        json!({ "response": 9, "isDisposed": true, "id": 1 }),
        json!({ "response": 9, "isDisposed": true, "id": "f77290193adca68c03180" }),
        json!({ "response": 9, "isDisposed": true, "id": "999999" }),
    ] {
        replies += &frame(&nobodys.to_string());
    }
    for (id, value) in [(&second, 4), (&first, 2), (&second, 9), (&first, 9)] {
        replies += &frame(&json!({ "response": value, "isDisposed": true, "id": id }).to_string());
    }
    connection.write(replies).await;
    assert_eq!(soon(asked).await.unwrap(), (Ok(2), Ok(4)));
}

#[tokio::test]
async fn of_a_stream_the_first_value() {
    let peer = Peer::start().await;
    let client = peer.client();
    let serve = async {
        let mut connection = peer.accept().await;
        let request = connection.packet().await;
        for value in 1..=3 {
            connection.reply(&request, json!({ "response": value })).await;
        }
        connection.reply(&request, json!({ "isDisposed": true })).await;
        let request = connection.packet().await;
        connection.respond(&request, json!(7)).await;
        connection
    };
    let ask = async {
        assert_eq!(soon(client.send(Double(0))).await, Ok(1));
        assert_eq!(soon(client.send(Double(0))).await, Ok(7), "what followed is nobody's");
    };
    tokio::join!(serve, ask);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_at_once_over_one_connection_and_over_three() {
    for connections in [1, 3] {
        let peer = Peer::start().await;
        let client = TcpClient::builder(peer.address().to_string()).connections(connections).build();
        let serving = tokio::spawn(async move {
            let mut served = tokio::task::JoinSet::new();
            for _ in 0..connections {
                let mut connection = peer.accept().await;
                served.spawn(async move {
                    let mut count = 0;
                    while let Some(request) = connection.next().await {
                        let n = request["data"].as_u64().unwrap();
                        connection.respond(&request, json!(n * 2)).await;
                        count += 1;
                    }
                    count
                });
            }
            served.join_all().await
        });
        let asked: Vec<_> = (0..1000)
            .map(|n| {
                let client = client.clone();
                tokio::spawn(async move { client.send(Double(n)).await })
            })
            .collect();
        for (n, asked) in (0..).zip(asked) {
            assert_eq!(soon(asked).await.unwrap(), Ok(n * 2));
        }
        drop(client);
        let served = soon(serving).await.unwrap();
        assert_eq!(served.iter().sum::<usize>(), 1000);
        assert!(served.iter().all(|count| *count >= 1000 / connections), "in turn: {served:?}");
    }
}

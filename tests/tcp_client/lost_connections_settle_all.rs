//! Whatever becomes of a connection, every request settles.

use std::task::Poll;

use futures::future::join_all;
use nestling::TcpClient;
use nestling::prelude::*;
use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::peer::{Peer, soon};
use crate::types::{Counted, Double, TooMany};

fn transport(answer: &Result<u32, RequestError<TooMany>>) -> &str {
    match answer {
        Err(RequestError::Transport { pattern, message }) if pattern == r#"{"cmd":"double"}"# => message,
        other => panic!("{other:?}"),
    }
}

/// Has a hundred requests on their way, loses the connection so, and gives what the first is told.
async fn lost_by(lose: impl AsyncFnOnce(crate::peer::Connection)) -> String {
    let peer = Peer::start().await;
    let client = peer.client();
    let asked = tokio::spawn(async move { join_all((0..100).map(|n| client.send(Double(n)))).await });
    let mut connection = peer.accept().await;
    for _ in 0..100 {
        connection.packet().await;
    }
    lose(connection).await;
    let answers = soon(asked).await.unwrap();
    assert!(answers.iter().all(|answer| transport(answer).contains(&peer.address().to_string())));
    transport(&answers[0]).to_owned()
}

#[tokio::test]
async fn closed_by_the_peer() {
    let told = lost_by(async |connection| drop(connection)).await;
    assert!(told.starts_with("the connection to tcp://127.0.0.1:") && told.contains("was closed"), "{told}");
}

#[tokio::test]
async fn reset_by_the_peer() {
    lost_by(async |connection| connection.reset()).await;
}

#[tokio::test]
async fn closed_in_mid_frame() {
    let told = lost_by(async |mut connection| connection.write("100#{\"response\":1").await).await;
    assert!(told.contains("mid-frame"), "{told}");
}

#[tokio::test]
async fn garbage_ends_a_connection() {
    for (garbage, says) in [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "begins with its length"),
        ("5#{\"a\":", "no JSON"),
        ("99999999#{\"response\":", "16777216"),
    ] {
        let told = lost_by(async |mut connection| {
            connection.write(garbage).await;
            connection.end().await;
        })
        .await;
        assert!(told.contains(says), "{told}");
    }
}

#[tokio::test]
async fn a_response_over_the_limit_ends_a_connection() {
    let peer = Peer::start().await;
    let client = TcpClient::builder(peer.address().to_string()).max_frame(1000).build();
    let serve = async {
        let mut connection = peer.accept().await;
        for length in [900, 1000] {
            let request = connection.packet().await;
            connection.respond(&request, json!("x".repeat(length))).await;
        }
        connection.end().await;
    };
    let ask = async {
        assert!(soon(client.send_json("text", 1)).await.is_ok());
        let refused = soon(client.send_json("text", 1)).await;
        assert!(matches!(refused, Err(RequestError::Transport { .. })), "{refused:?}");
    };
    tokio::join!(serve, ask);
}

#[tokio::test]
async fn where_nobody_listens() {
    let peer = Peer::start().await;
    let address = peer.address().to_string();
    let client = peer.client();
    drop(peer);
    for answer in soon(join_all((0..100).map(|n| client.send(Double(n))))).await {
        let told = transport(&answer);
        assert!(told.contains(&format!("tcp://{address}")) && told.contains("refused"), "{told}");
    }
    let told = transport(&soon(client.send(Double(1))).await).to_owned();
    assert!(told.contains("refused"), "and again: {told}");
}

#[tokio::test]
async fn where_there_is_no_such_place() {
    for (address, says) in [("no-port", "does not resolve"), ("127.0.0.1:99999", "does not resolve")] {
        let told = transport(&soon(TcpClient::connect(address).send(Double(1))).await).to_owned();
        assert!(told.contains(address) && told.contains(says), "{told}");
    }
}

#[tokio::test]
async fn requests_that_were_not_begun_go_to_the_next_connection() {
    let peer = Peer::start().await;
    let client = peer.client();
    // Until the socket is full: the first of these is begun, the last are not.
    let large = "x".repeat(1024 * 1024);
    let mut asked: Vec<_> = (0..30).map(|n| Box::pin(client.send_json("large", json!([n, large])))).collect();
    let began = std::future::poll_fn(|cx| {
        asked.iter_mut().for_each(|asked| assert!(asked.as_mut().poll(cx).is_pending()));
        Poll::Ready(())
    });
    began.await;
    let mut connection = peer.accept().await;
    connection.packet().await;
    connection.reset();
    let serving = tokio::spawn(async move {
        let mut connection = peer.accept().await;
        while let Some(request) = connection.next().await {
            connection.respond(&request, request["data"][0].clone()).await;
        }
    });
    let mut answers = soon(join_all(asked)).await.into_iter().enumerate();
    let lost = answers.by_ref().take_while(|(_, answer)| answer.is_err()).count();
    assert!((1..30).contains(&lost), "{lost} lost");
    for (n, answer) in answers {
        assert_eq!(answer, Ok(json!(n)));
    }
    drop(client);
    soon(serving).await.unwrap();
}

#[tokio::test]
async fn an_event_of_which_a_part_was_sent_is_not_sent_again() {
    let peer = Peer::start().await;
    let client = peer.client();
    client.emit_json("large", json!("x".repeat(30 * 1024 * 1024))).unwrap();
    client.emit(Counted(1)).unwrap();
    let mut connection = peer.accept().await;
    soon(connection.stream.read_u8()).await.unwrap();
    connection.reset();
    let mut connection = peer.accept().await;
    assert_eq!(connection.packet().await["data"], json!(1));
}

//! A request whose answer does not come ends in time.

use std::time::Instant;

use futures::future::join_all;
use nestling::TcpClient;
use nestling::prelude::*;
use serde_json::json;

use crate::peer::{Peer, soon};
use crate::types::{Double, TooMany};

fn timed_out(answer: &Result<u32, RequestError<TooMany>>, after: Duration) {
    let is = matches!(answer, Err(RequestError::Timeout { after: told, .. }) if *told == after);
    assert!(is, "{answer:?}");
}

#[tokio::test]
async fn one_that_was_asked_for_is_exact() {
    let peer = Peer::start().await;
    let client = peer.client();
    let connected = client.send(Double(0));
    let serve = async {
        let mut connection = peer.accept().await;
        let request = connection.packet().await;
        connection.respond(&request, json!(0)).await;
        connection
    };
    let (mut connection, _) = tokio::join!(serve, connected);
    // The later one is sent first.
    let ask = async |millis: u64| {
        let (began, after) = (Instant::now(), Duration::from_millis(millis));
        timed_out(&soon(client.send(Double(1)).timeout(after)).await, after);
        (began.elapsed(), after)
    };
    for (took, after) in join_all([ask(90), ask(30), ask(60), ask(1)]).await {
        assert!((after..after + Duration::from_millis(200)).contains(&took), "{took:?} of {after:?}");
    }
    // Too late an answer is nobody's.
    for _ in 0..4 {
        let request = connection.packet().await;
        connection.respond(&request, json!(1)).await;
    }
    let asked = client.send(Double(2));
    let answer = async {
        let request = connection.packet().await;
        connection.respond(&request, json!(4)).await;
    };
    assert_eq!(tokio::join!(asked, answer).0, Ok(4));
}

#[tokio::test]
async fn the_clients_own_is_kept_too() {
    for timeout in [Duration::from_millis(40), Duration::from_millis(5_000)] {
        let peer = Peer::start().await;
        let client = TcpClient::builder(peer.address().to_string()).request_timeout(timeout).build();
        let began = Instant::now();
        timed_out(&soon(client.send(Double(1))).await, timeout);
        let took = began.elapsed();
        assert!((timeout..timeout + Duration::from_millis(1_000)).contains(&took), "{took:?} of {timeout:?}");
    }
}

#[tokio::test]
async fn also_while_there_is_no_connection() {
    let peer = Peer::start().await;
    let address = peer.address();
    drop(peer);
    let an_hour = Backoff::new(Duration::from_secs(3600), 1.0, Duration::from_secs(3600));
    let client = TcpClient::builder(address.to_string()).reconnect(an_hour).build();
    let refused = soon(client.send(Double(1))).await;
    assert!(matches!(refused, Err(RequestError::Transport { .. })), "{refused:?}");
    let after = Duration::from_millis(20);
    timed_out(&soon(client.send(Double(1)).timeout(after)).await, after);
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_is_none() {
    // A full backlog: the system answers nothing, as a host that is gone does.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut fillers = Vec::new();
    while let Ok(filler) =
        tokio::time::timeout(Duration::from_millis(100), tokio::net::TcpStream::connect(address)).await
    {
        fillers.push(filler);
    }
    let client = TcpClient::builder(address.to_string()).connect_timeout(Duration::from_millis(50)).build();
    let refused = soon(client.send(Double(1))).await;
    let is = matches!(&refused, Err(RequestError::Transport { message, .. }) if message.contains("within"));
    assert!(is, "{refused:?}");
}

//! A client works on any runtime, outlives the one that it connected on, and says so where there is none.

use nestling::TcpClient;
use nestling::prelude::*;
use serde_json::json;

use crate::peer::{Peer, block_on, soon};
use crate::types::{Counted, Double};

#[test]
fn it_can_be_shared_and_so_can_its_futures() {
    fn goes_anywhere<T: Send>(_: &T) {}
    fn is_shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let client = TcpClient::connect("localhost:1");
    is_shared(&client);
    goes_anywhere(&client.send(Double(1)));
    goes_anywhere(&client.status());
    goes_anywhere(&client.close());
}

#[test]
fn without_a_runtime_it_says_so() {
    let client = TcpClient::connect("localhost:1");
    let refused = block_on(client.send(Double(1)));
    let is = matches!(&refused, Err(RequestError::Transport { message, .. }) if message.contains("runtime"));
    assert!(is, "{refused:?}");
    let unsent = client.emit(Counted(1)).unwrap_err();
    assert!(unsent.reason.contains("runtime") && unsent.event == Counted(1), "{unsent}");
    block_on(client.close());
}

#[test]
fn one_that_has_ended_is_followed_by_another() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let peers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let peer = peers.block_on(Peer::start());
    let client = peer.client();
    let serving = peers.spawn(async move {
        for _ in 0..2 {
            let mut connection = peer.accept().await;
            while let Some(packet) = connection.next().await {
                match packet["data"].as_u64().unwrap() {
                    0 => {}
                    n => connection.respond(&packet, json!(n * 2)).await,
                }
            }
        }
    });
    let first = runtime();
    assert_eq!(first.block_on(soon(client.send(Double(1)))), Ok(2));
    // On its way when the runtime ends; it is waited for elsewhere.
    let mut lost = Box::pin(client.send(Double(0)));
    first.block_on(async {
        assert!(futures::poll!(&mut lost).is_pending());
        assert_eq!(soon(client.send(Double(2))).await, Ok(4));
    });
    drop(first);
    let second = runtime();
    let refused = second.block_on(soon(lost));
    let is = matches!(&refused, Err(RequestError::Transport { message, .. }) if message.contains("runtime"));
    assert!(is, "{refused:?}");
    assert_eq!(second.block_on(soon(client.send(Double(3)))), Ok(6));
    // While it is connected, also where there is no runtime.
    let asked = {
        let client = client.clone();
        std::thread::spawn(move || block_on(client.send(Double(4))))
    };
    second.block_on(async {
        let answer = tokio::task::spawn_blocking(|| asked.join().unwrap());
        assert_eq!(soon(answer).await.unwrap(), Ok(8));
        soon(client.close()).await;
    });
    peers.block_on(soon(serving)).unwrap();
}

#[test]
fn a_request_that_its_runtime_never_looked_at_settles_too() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let peer = first.block_on(Peer::start());
    let client = TcpClient::builder(peer.address().to_string()).queue(1).build();
    for _ in 0..2 {
        let runtime = runtime();
        let mut lost = Box::pin(client.send(Double(1)));
        runtime.block_on(async { assert!(futures::poll!(&mut lost).is_pending()) });
        drop(runtime);
        let refused = block_on(lost);
        let is =
            matches!(&refused, Err(RequestError::Transport { message, .. }) if message.contains("runtime"));
        assert!(is, "{refused:?}");
    }
    first.block_on(async {
        let serve = async {
            let mut connection = peer.accept().await;
            let request = connection.packet().await;
            assert_eq!(request["data"], json!(2), "the lost ones are not sent");
            connection.respond(&request, json!(4)).await;
        };
        assert_eq!(soon(async { tokio::join!(client.send(Double(2)), serve) }).await.0, Ok(4));
    });
}

#[test]
fn events_that_a_runtime_left_behind_are_sent_from_the_next() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let peers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let peer = peers.block_on(Peer::start());
    let client = peer.client();
    runtime().block_on(async { client.emit(Counted(1)).unwrap() });
    runtime().block_on(async {
        client.emit(Counted(2)).unwrap();
        let got = peers.spawn(async move {
            let mut connection = peer.accept().await;
            [connection.packet().await, connection.packet().await].map(|event| event["data"].clone())
        });
        assert_eq!(soon(got).await.unwrap(), [json!(1), json!(2)]);
    });
}

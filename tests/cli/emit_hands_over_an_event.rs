//! `emit` returns when the event was handed to the socket, and prints nothing.

use std::sync::mpsc;
use std::time::Duration;

use std::io::Read;

use nestling::Tcp;
use nestling::prelude::*;

use crate::support::{OrderCreated, by_hand, run, run_beside};

#[actix::test]
async fn to_a_subscriber() {
    let node = Node::builder("shop").listen(Tcp::port(0)).start().await.unwrap();
    let (told, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let _all = node.subscribe::<OrderCreated>(
        SubscribeOptions::new(),
        async move |order: Delivery<OrderCreated>| {
            let correlation = order.metadata().correlation_id().to_string();
            told.send((order.order_id, correlation)).map_err(EventError::from)
        },
    );
    let url = format!("tcp://{}", node.listening()[0]);
    let header = "x-correlation-id=import-17";
    let run =
        run_beside(&["emit", &url, "order.created", r#"{"order_id":7}"#, "--header", header]).await.expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let seen = tokio::time::timeout(Duration::from_secs(30), seen.recv()).await.expect("it is told");
    assert_eq!(seen, Some((7, "import-17".to_owned())));
}

#[test]
fn as_one_frame_without_an_id() {
    let (told, seen) = mpsc::channel();
    let address = by_hand(move |mut stream| {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        told.send(text).unwrap();
    });
    run(&["emit", &address.to_string(), r#"{"ev":"obj"}"#, "[1]"]).expect(0);
    let seen = seen.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(seen, r#"35#{"pattern":{"ev":"obj"},"data":[1]}"#);
}

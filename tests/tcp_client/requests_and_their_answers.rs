//! What a client sends, and what each answer of a peer is to the caller.

use nestling::prelude::*;
use nestling::{RemoteError, TcpClient};
use serde_json::{Value, json};

use crate::peer::{Peer, frame, soon};
use crate::types::{Code, Coded, Double, Nothing, Perhaps, TooMany};

/// A peer that answers each request with the packet that it has as data, under the request's id.
async fn mirror() -> TcpClient {
    let peer = Peer::start().await;
    let client = peer.client();
    tokio::spawn(async move {
        let mut connection = peer.accept().await;
        while let Some(request) = connection.next().await {
            let answer = request["data"].clone();
            connection.reply(&request, answer).await;
        }
    });
    client
}

/// A peer that answers every request with this packet.
async fn answers(answer: Value) -> TcpClient {
    let peer = Peer::start().await;
    let client = peer.client();
    tokio::spawn(async move {
        let mut connection = peer.accept().await;
        while let Some(request) = connection.next().await {
            connection.reply(&request, answer.clone()).await;
        }
    });
    client
}

async fn double(answer: Value) -> Result<u32, RequestError<TooMany>> {
    soon(answers(answer).await.send(Double(21))).await
}

fn remote<E>(pattern: &str, error: Value) -> Result<u32, RequestError<E>> {
    Err(RequestError::Remote(RemoteError::new(pattern.to_owned(), error)))
}

const DOUBLE: &str = r#"{"cmd":"double"}"#;

#[tokio::test]
async fn a_request_is_what_nestjs_sends() {
    let peer = Peer::start().await;
    let client = peer.client();
    let asked = tokio::spawn(async move { client.send(Double(21)).await });
    let mut connection = peer.accept().await;
    let request = connection.packet().await;
    let id = request["id"].clone();
    assert!(id.is_string());
    assert_eq!(request, json!({ "pattern": { "cmd": "double" }, "data": 21, "id": id }));
    connection.respond(&request, json!(42)).await;
    assert_eq!(soon(asked).await.unwrap(), Ok(42));
}

#[tokio::test]
async fn a_value_in_each_of_nestjs_sequences() {
    assert_eq!(double(json!({ "response": 42, "isDisposed": true })).await, Ok(42));
    assert_eq!(double(json!({ "response": 42 })).await, Ok(42), "the first of a stream");
    assert_eq!(double(json!({ "err": null, "response": 42, "isDisposed": true })).await, Ok(42));
    assert_eq!(double(json!({ "err": "", "response": 42, "isDisposed": 1 })).await, Ok(42));
    assert_eq!(double(json!({ "response": 42, "isDisposed": true, "metadata": {} })).await, Ok(42));
}

#[tokio::test]
async fn an_error_that_fits_is_the_services_own() {
    let too_many = json!({ "err": { "most": 9 }, "isDisposed": true });
    assert_eq!(double(too_many).await, Err(RequestError::Handler(TooMany { most: 9 })));
    let rpc = json!({ "status": "error", "message": "boom" });
    assert_eq!(double(json!({ "err": rpc, "isDisposed": true })).await, remote(DOUBLE, rpc));
    assert_eq!(double(json!({ "err": "plain" })).await, remote(DOUBLE, json!("plain")));
    let late = json!({ "err": [1, { "a": 1.50 }], "response": 42, "isDisposed": true });
    assert_eq!(
        double(late).await,
        remote(DOUBLE, json!([1, { "a": 1.5 }])),
        "an error counts before a value"
    );
}

#[tokio::test]
async fn an_error_that_javascript_takes_for_false_comes_wrapped() {
    let wrapped = json!({ "err": { "status": "error", "message": 0 }, "isDisposed": true });
    let client = answers(wrapped.clone()).await;
    assert_eq!(soon(client.send(Coded(1))).await, Err(RequestError::Handler(Code(0))));
    assert_eq!(double(wrapped).await, remote(DOUBLE, json!({ "status": "error", "message": 0 })));
    let not_falsy = json!({ "status": "error", "message": 5 });
    let client = answers(json!({ "err": not_falsy, "isDisposed": true })).await;
    assert_eq!(soon(client.send(Coded(1))).await, remote("coded", not_falsy));
}

#[tokio::test]
async fn a_pattern_without_a_handler() {
    let err = "There is no matching message handler defined in the remote service.";
    let answer = json!({ "status": "error", "err": err });
    assert!(matches!(double(answer).await, Err(RequestError::NoHandler { pattern }) if pattern == DOUBLE));
}

#[tokio::test]
async fn no_value_is_one_to_those_that_need_none() {
    for nothing in [json!({ "isDisposed": true }), json!({}), json!({ "response": null, "isDisposed": true })]
    {
        let client = answers(nothing).await;
        assert_eq!(soon(client.send(Nothing(()))).await, Ok(()));
        assert_eq!(soon(client.send(Perhaps(None))).await, Ok(None));
        assert_eq!(soon(client.send_json("perhaps", 1)).await, Ok(Value::Null));
        let refused = soon(client.send(Double(1))).await;
        assert!(matches!(refused, Err(RequestError::Decode { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn a_response_that_does_not_fit_names_the_field() {
    let refused = double(json!({ "response": "forty-two", "isDisposed": true })).await;
    let Err(RequestError::Decode { pattern, message }) = refused else { panic!("{refused:?}") };
    assert_eq!(pattern, DOUBLE);
    assert!(message.contains("u32") && message.contains("forty-two"), "{message}");
}

#[tokio::test]
async fn json_both_ways() {
    let client = mirror().await;
    let value = json!({ "response": [1, "é", null], "isDisposed": true });
    assert_eq!(soon(client.send_json(json!({ "cmd": "any" }), value)).await, Ok(json!([1, "é", null])));
    let error = json!({ "err": { "status": "error", "message": 0 }, "isDisposed": true });
    let answered = soon(client.send_json("any", error)).await;
    assert_eq!(answered, Err(RequestError::Handler(json!({ "status": "error", "message": 0 }))));
}

#[tokio::test]
async fn half_a_surrogate_pair_is_a_replacement_character() {
    let peer = Peer::start().await;
    let client = peer.client();
    let asked = tokio::spawn(async move { client.send_json("odd", Value::Null).await });
    let mut connection = peer.accept().await;
    let id = connection.packet().await["id"].to_string();
    let reply = format!(r#"{{"response":"a\ud83db","isDisposed":true,"id":{id}}}"#);
    connection.write(frame(&reply)).await;
    assert_eq!(soon(asked).await.unwrap(), Ok(json!("a\u{fffd}b")));
}

#[tokio::test]
async fn a_payload_that_cannot_be_serialised_harms_nobody_else() {
    #[derive(Debug, Deserialize, MessagePattern)]
    #[message_pattern("bad", response = u32, error = TooMany)]
    struct Bad {
        panics: bool,
    }
    impl Serialize for Bad {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            assert!(!self.panics, "it panics");
            Err(serde::ser::Error::custom("it refuses"))
        }
    }
    let client = answers(json!({ "response": 42, "isDisposed": true })).await;
    for (panics, says) in [(false, "it refuses"), (true, "it panics")] {
        let refused = soon(client.send(Bad { panics })).await;
        assert!(
            matches!(&refused, Err(RequestError::Encode { message, .. }) if message.contains(says)),
            "{refused:?}"
        );
    }
    assert_eq!(soon(client.send(Double(21))).await, Ok(42));
}

#[tokio::test]
async fn a_response_whose_reading_panics_fails_alone() {
    #[derive(Debug, PartialEq, Serialize)]
    struct Trap;
    impl<'de> Deserialize<'de> for Trap {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("it snaps")
        }
    }
    #[derive(Debug, Serialize, Deserialize, MessagePattern)]
    #[message_pattern("trap", response = Trap, error = TooMany)]
    struct Touch;
    let client = answers(json!({ "response": 42, "isDisposed": true })).await;
    let refused = soon(client.send(Touch)).await;
    assert!(
        matches!(&refused, Err(RequestError::Decode { message, .. }) if message.contains("it snaps")),
        "{refused:?}"
    );
    assert_eq!(soon(client.send(Double(21))).await, Ok(42));
}

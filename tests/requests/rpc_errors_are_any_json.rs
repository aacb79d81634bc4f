//! `RpcError`: NestJS's own error, for services whose errors need no type.

use nestling::prelude::*;
use serde_json::{Value, json};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("fail", response = (), error = RpcError)]
struct Fail(Value);

#[derive(Service)]
#[service("failing", messages(Fail))]
struct Failing;

impl Handler<Fail> for Failing {
    type Result = Result<(), RpcError>;
    fn handle(&mut self, Fail(error): Fail, _: &mut Context<Self>) -> Self::Result {
        Err(RpcError::json(error))
    }
}

#[actix::test]
async fn objects_and_arrays_are_the_error_and_other_json_is_its_message() {
    let node = Node::builder("test").service(Failing).start().await.unwrap();
    for (thrown, error) in [
        (json!({ "code": 7 }), json!({ "code": 7 })),
        (json!(["a", "b"]), json!(["a", "b"])),
        (json!("boom"), json!({ "status": "error", "message": "boom" })),
        (json!(5), json!({ "status": "error", "message": 5 })),
        (json!(null), json!({ "status": "error", "message": null })),
    ] {
        let typed = node.client().send(Fail(thrown.clone())).await;
        assert_eq!(typed.unwrap_err().into_handler_error().unwrap().value(), &error);
        let json = node.client().send_json("fail", thrown).await;
        assert_eq!(json, Err(RequestError::Handler(error)), "it is written as it is");
    }
}

#[test]
fn it_says_its_message() {
    for (error, message, text) in [
        (RpcError::new("boom"), Some("boom"), "boom"),
        (RpcError::json(json!({ "code": 7, "message": "m" })), Some("m"), "m"),
        (RpcError::json(json!({ "code": 7 })), None, r#"{"code":7}"#),
        (RpcError::json(5), None, r#"{"message":5,"status":"error"}"#),
        // A peer's error, as it came: nothing is wrapped that was not.
        (serde_json::from_str("\"boom\"").unwrap(), Some("boom"), "boom"),
        (serde_json::from_str("7").unwrap(), None, "7"),
    ] {
        assert_eq!((error.message(), error.to_string().as_str()), (message, text));
        let written = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<RpcError>(&written).unwrap(), error);
    }
}

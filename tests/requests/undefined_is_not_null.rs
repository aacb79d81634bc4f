//! `OrUndefined` stays what it is between services of one process; plain JSON has only `null` for it.

use nestling::prelude::*;
use serde_json::{Value, json};

use crate::support::Refused;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("echo", response = OrUndefined<Value>, error = Refused)]
struct Echo(OrUndefined<Value>);

#[derive(Service)]
#[service("echoes", messages(Echo))]
struct Echoes;

impl Handler<Echo> for Echoes {
    type Result = Result<OrUndefined<Value>, Refused>;
    fn handle(&mut self, Echo(data): Echo, _: &mut Context<Self>) -> Self::Result {
        Ok(data)
    }
}

#[actix::test]
async fn between_services_and_in_json() {
    let node = Node::builder("test").service(Echoes).start().await.unwrap();
    for data in [OrUndefined::Undefined, OrUndefined::Value(Value::Null), OrUndefined::Value(json!([1]))] {
        assert_eq!(node.client().send(Echo(data.clone())).await, Ok(data));
    }
    for data in [json!(null), json!({ "a": 1 })] {
        assert_eq!(node.client().send_json("echo", data.clone()).await, Ok(data));
    }
}

#[test]
fn it_is_an_option_by_another_name() {
    assert_eq!(OrUndefined::<u8>::default(), OrUndefined::Undefined);
    assert!(OrUndefined::<u8>::Undefined.is_undefined() && !OrUndefined::from(7).is_undefined());
    assert_eq!((OrUndefined::<u8>::Undefined.value(), OrUndefined::from(7).value()), (None, Some(&7)));
    assert_eq!(OrUndefined::<u8>::Undefined.into_value(), None);
}

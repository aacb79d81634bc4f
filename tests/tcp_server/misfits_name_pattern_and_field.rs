//! Data that does not fit the handler's type, or that `validate` refuses: the reply names the pattern and the field.

use nestling::Tcp;
use nestling::prelude::*;
use serde_json::json;

use crate::support::{Never, Peer, node};

#[derive(Debug, Serialize, Deserialize)]
struct Item {
    price_cents: i64,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "order", response = (), error = Never, validate = positive)]
struct Order {
    items: Vec<Item>,
}

fn positive(order: &Order) -> Result<(), String> {
    match order.items.iter().position(|item| item.price_cents <= 0) {
        None => Ok(()),
        Some(index) => Err(format!("items[{index}].price_cents must be positive")),
    }
}

#[derive(Service)]
#[service("orders", messages(Order))]
struct Orders;

impl Handler<Order> for Orders {
    type Result = Result<(), Never>;
    fn handle(&mut self, _: Order, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

#[actix::test]
async fn in_the_reply() {
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Orders).start().await.unwrap();
    let mut peer = Peer::to(&node).await;
    let mut told = async |data: &str| {
        let reply = peer.ask_json(&format!(r#"{{"pattern":{{"cmd":"order"}}{data},"id":1}}"#)).await;
        assert_eq!(reply["err"]["status"], "error", "{reply}");
        reply["err"]["message"].as_str().unwrap().to_owned()
    };
    let route = r#"`{"cmd":"order"}`"#;

    let said = told(r#","data":{"items":[{"price_cents":1},{"price_cents":"two"}]}"#).await;
    assert!(
        said.starts_with(&format!("{route}: the payload does not fit: items[1].price_cents: ")),
        "{said}"
    );
    let said = told(r#","data":{"items":[{}]}"#).await;
    assert!(said.contains("items[0]") && said.contains("price_cents"), "{said}");
    assert_eq!(told("").await, format!("{route}: the payload does not fit: the payload is missing"));
    assert_eq!(
        told(r#","data":{"items":[{"price_cents":-1}]}"#).await,
        format!("{route} was refused: items[0].price_cents must be positive")
    );
    let reply = peer.ask_json(r#"{"pattern":{"cmd":"order"},"data":{"items":[]},"id":1}"#).await;
    assert_eq!(reply, json!({ "isDisposed": true, "id": 1 }));
}

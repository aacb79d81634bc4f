//! A message and its typed response: one service answers, the sender waits.
//!
//! `cargo run --example request_response`
#![allow(clippy::print_stdout)] // an example speaks to whoever runs it

use std::collections::HashMap;

use nestling::prelude::*;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "check_inventory", response = Availability, error = InventoryError)]
struct CheckInventory {
    product: String,
    quantity: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Availability {
    in_stock: u32,
    enough: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
enum InventoryError {
    #[error("no product `{0}`")]
    NoSuchProduct(String),
}

#[derive(Service)]
#[service("inventory", messages(CheckInventory))]
struct Inventory {
    stock: HashMap<String, u32>,
}

impl Handler<CheckInventory> for Inventory {
    type Result = Result<Availability, InventoryError>;

    fn handle(&mut self, check: CheckInventory, _: &mut Context<Self>) -> Self::Result {
        let Some(&in_stock) = self.stock.get(&check.product) else {
            return Err(InventoryError::NoSuchProduct(check.product));
        };
        Ok(Availability { in_stock, enough: in_stock >= check.quantity })
    }
}

fn check(product: &str, quantity: u32) -> CheckInventory {
    CheckInventory { product: product.to_owned(), quantity }
}

#[actix::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stock = HashMap::from([("lp".to_owned(), 3), ("cd".to_owned(), 40)]);
    let node = Node::builder("shop").service(Inventory { stock }).start().await?;
    let client = node.client();

    let found = client.send(check("cd", 12)).await?;
    println!("12 cd     in stock {:>2}, enough: {}", found.in_stock, found.enough);
    let found = client.send(check("lp", 12)).timeout(Duration::from_secs(1)).await?;
    println!("12 lp     in stock {:>2}, enough: {}", found.in_stock, found.enough);

    // The service's own error comes back as what it is; everything else that can go wrong has a variant too.
    match client.send(check("8-track", 1)).await {
        Ok(found) => println!("8-track   in stock {}", found.in_stock),
        Err(RequestError::Handler(InventoryError::NoSuchProduct(product))) => {
            println!("8-track   the service says: there is no `{product}`");
        }
        Err(other) => println!("8-track   not answered: {other}"),
    }

    // The same service is a plain actix actor: its address reaches the same handler.
    let address = node.addr::<Inventory>().ok_or("the node runs an inventory")?;
    let found = address.send(check("cd", 41)).await??;
    println!("41 cd     in stock {:>2}, enough: {} (by `Addr::send`)", found.in_stock, found.enough);

    // A pattern known only at run time, with JSON in and out.
    let pattern = serde_json::json!({ "cmd": "check_inventory" });
    let found = client.send_json(pattern, serde_json::json!({ "product": "lp", "quantity": 2 })).await?;
    println!(" 2 lp     {found} (by `send_json`)");

    node.shutdown(Duration::from_secs(1)).await;
    Ok(())
}

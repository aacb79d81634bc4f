//! Serves until Ctrl-C: `cargo run --manifest-path examples/http_gateway/Cargo.toml [ADDRESS]`, then
//!
//! ```sh
//! curl -i localhost:8080/orders -H 'content-type: application/json' -d '{"product":"lp","quantity":2}'
//! ```

use std::time::Duration;

use actix_web::{App, HttpServer};
use http_gateway::{Orders, routes};
use nestling::Node;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let node = Node::builder("shop")
        .service(Orders::new([("lp", 100), ("cd", 1_000)]))
        .request_timeout(Duration::from_secs(5))
        .start()
        .await?;
    let client = node.client();
    let server = HttpServer::new(move || App::new().configure(routes(client.clone()))).workers(2);
    let server = server.bind(&address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    // actix-web ends at Ctrl-C, when the requests in hand have been answered; then the node is empty.
    server.run().await?;
    let report = node.shutdown(Duration::from_secs(5)).await;
    println!("drained: {}", report.drained);
    Ok(())
}

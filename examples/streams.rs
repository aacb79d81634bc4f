//! A stream: one service makes items as fast as its caller reads them, and stops when the caller goes.
//!
//! `cargo run --example streams`
#![allow(clippy::print_stdout)] // an example speaks to whoever runs it

use futures::{StreamExt, stream};
use nestling::prelude::*;

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern(cmd = "orders_of", item = Order, error = ArchiveError)]
struct OrdersOf {
    customer: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    id: u32,
    total_cents: u64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
enum ArchiveError {
    #[error("no customer {0}")]
    NoSuchCustomer(u32),
    #[error("order {0} cannot be read")]
    Unreadable(u32),
}

#[derive(Service)]
#[service("archive", streams(OrdersOf))]
struct Archive;

impl Handler<OrdersOf> for Archive {
    type Result = ResponseStream<Order, ArchiveError>;

    fn handle(&mut self, OrdersOf { customer }: OrdersOf, _: &mut Context<Self>) -> Self::Result {
        if customer == 0 {
            return ResponseStream::failed(ArchiveError::NoSuchCustomer(customer));
        }
        ResponseStream::new(stream::iter(1..).then(move |id| async move {
            tokio::time::sleep(Duration::from_millis(1)).await; // a slow disk
            println!("           the archive reads order {id}");
            if id == 4 && customer == 13 {
                return Err(ArchiveError::Unreadable(id));
            }
            Ok(Order { id, total_cents: u64::from(id * 995) })
        }))
    }
}

#[actix::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let node = Node::builder("shop").service(Archive).start().await?;
    let client = node.client();

    // The archive has orders without end; it stops when `first` is dropped.
    let mut first = client.stream(OrdersOf { customer: 7 }).take(3);
    while let Some(order) = first.next().await {
        let order = order?;
        println!("order {:>4} {:>6} cents", order.id, order.total_cents);
    }
    drop(first);

    // An error is the last item.
    for customer in [13, 0] {
        let mut orders = client.stream(OrdersOf { customer }).timeout(Duration::from_secs(1));
        while let Some(order) = orders.next().await {
            match order {
                Ok(order) => println!("order {:>4} of customer {customer}", order.id),
                Err(RequestError::Handler(error)) => println!("the end:   {error}"),
                Err(other) => println!("the end:   {other}"),
            }
        }
    }

    node.shutdown(Duration::from_secs(1)).await;
    Ok(())
}

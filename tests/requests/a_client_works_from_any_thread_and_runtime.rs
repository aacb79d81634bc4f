//! A client is `Clone + Send + Sync`, and answers on threads without a runtime and on tokio's threads alike.

use nestling::prelude::*;

use crate::support::{Refused, block_on};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "double", response = u32, error = Refused)]
struct Double(u32);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("doubled")]
struct Doubled;

#[derive(Service)]
#[service("doubles", messages(Double), events(Doubled))]
struct Doubles;

impl Handler<Double> for Doubles {
    type Result = Result<u32, Refused>;
    fn handle(&mut self, Double(n): Double, _: &mut Context<Self>) -> Self::Result {
        Ok(n * 2)
    }
}
impl Handler<Doubled> for Doubles {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Doubled, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

#[test]
fn it_can_be_shared_and_so_can_its_futures() {
    fn goes_anywhere<T: Send>(_: &T) {}
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    is_shared::<Client>();
    goes_anywhere(&Client::detached().send(Double(1)));
    goes_anywhere(&Client::detached().emit_confirmed(Doubled).into_future());
}

#[actix::test]
async fn on_a_thread_without_a_runtime_and_on_a_runtime_of_many_threads() {
    let node = Node::builder("test").service(Doubles).start().await.unwrap();
    let client = node.client();
    let bare = {
        let client = client.clone();
        std::thread::spawn(move || {
            let answer = block_on(client.send(Double(1)));
            client.emit(Doubled);
            let confirmed = block_on(client.emit_confirmed(Doubled));
            (answer, confirmed)
        })
    };
    let many = std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async move {
            let tasks: Vec<_> = (0..50)
                .map(|n| {
                    let client = client.clone();
                    tokio::spawn(async move {
                        client.emit(Doubled);
                        (client.send(Double(n)).await, client.emit_confirmed(Doubled).await)
                    })
                })
                .collect();
            let mut answers = Vec::new();
            for task in tasks {
                answers.push(task.await.unwrap());
            }
            answers
        })
    });
    let joined = tokio::task::spawn_blocking(|| (bare.join().unwrap(), many.join().unwrap())).await.unwrap();
    assert_eq!(joined.0, (Ok(2), Ok(())));
    let expected: Vec<_> = (0..50).map(|n| (Ok(n * 2), Ok(()))).collect();
    assert_eq!(joined.1, expected);
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert_eq!((report.stats.emitted, report.stats.total().handled), (102, 102), "{report:?}");
}

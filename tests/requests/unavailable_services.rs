//! A service that is not there any more answers `Unavailable` and says why: given up, shut down, or no node at all.

use nestling::prelude::*;

use crate::support::Refused;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "work", response = u32, error = Refused)]
struct Work {
    panics: bool,
}

struct Worker;
impl Actor for Worker {
    type Context = Context<Self>;
}
impl Supervised for Worker {}
impl Service for Worker {
    const NAME: &'static str = "worker";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Work>();
        patterns.max_restarts(0, Duration::from_secs(60));
    }
}
impl Handler<Work> for Worker {
    type Result = ResponseFuture<Result<u32, Refused>>;
    fn handle(&mut self, Work { panics }: Work, _: &mut Context<Self>) -> Self::Result {
        assert!(!panics, "broken");
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(1)
        })
    }
}

fn reason(answer: Result<u32, RequestError<Refused>>) -> String {
    match answer {
        Err(RequestError::Unavailable { pattern, reason }) => {
            assert_eq!(pattern, r#"{"cmd":"work"}"#);
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[actix::test]
async fn one_that_has_been_given_up() {
    let node = Node::builder("test").service(Worker).start().await.unwrap();
    let client = node.client();
    let (broken, behind) =
        tokio::join!(client.send(Work { panics: true }), client.send(Work { panics: false }));
    assert!(matches!(broken, Err(RequestError::Panicked { .. })), "{broken:?}");
    assert_eq!(reason(behind), "service `worker` has been given up");
    assert_eq!(reason(client.send(Work { panics: false }).await), "service `worker` has been given up");
}

#[actix::test]
async fn one_whose_node_has_shut_down() {
    let node = Node::builder("shop").service(Worker).start().await.unwrap();
    let (client, detached) = (node.client(), Client::detached());
    assert_eq!(client.send(Work { panics: false }).await, Ok(1));
    node.shutdown(Duration::from_secs(1)).await;
    assert_eq!(reason(client.send(Work { panics: false }).await), "node `shop` has shut down");
    assert_eq!(reason(detached.send(Work { panics: false }).await), "the client belongs to no node");
    let json =
        client.send_json(serde_json::json!({ "cmd": "work" }), serde_json::json!({ "panics": false })).await;
    assert!(matches!(json, Err(RequestError::Unavailable { .. })), "{json:?}");
}

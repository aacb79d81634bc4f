//! A service that waits in its handler for room in its own full lane gets its error after the timeout, and goes on.

use nestling::EmitError;
use nestling::prelude::*;

use crate::support::{Log, Tick, idle, letters};

struct Echo {
    results: Log<Result<(), EmitError>>,
}
impl Actor for Echo {
    type Context = Context<Self>;
}
impl Supervised for Echo {}
impl Service for Echo {
    const NAME: &'static str = "echo";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.capacity(1).event::<Tick>();
    }
}
impl Handler<Tick> for Echo {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, tick: Tick, ctx: &mut Context<Self>) -> Self::Result {
        let (client, results) = (ctx.client(), self.results.clone());
        Box::pin(async move {
            if tick.n == 0 {
                for n in 1..=2 {
                    let emitted = client.emit_confirmed(Tick { n }).timeout(Duration::from_millis(30)).await;
                    results.push(emitted);
                }
            }
            Ok(())
        })
    }
}

#[actix::test]
async fn it_gets_its_error_and_goes_on() {
    let results = Log::default();
    let node = Node::builder("test").service(Echo { results: results.clone() }).start().await.unwrap();
    node.client().emit(Tick { n: 0 });
    idle(&node).await;
    let results = results.all();
    assert_eq!(results.len(), 2);
    assert!(results[0].is_ok(), "its lane had room for one: {results:?}");
    assert!(matches!(results[1], Err(EmitError::Timeout { taken: 0, subscribers: 1, .. })), "{results:?}");
    let ledger = node.stats().subscription("echo", "tick").unwrap();
    assert_eq!((ledger.delivered, ledger.handled), (2, 2));
    assert!(letters(&node).await.is_empty());
}

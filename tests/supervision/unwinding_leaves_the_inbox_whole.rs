//! What runs while a panic unwinds may emit, send and read the stats: nothing of the inbox is borrowed then, and
//! nothing of it is lost.

use std::cell::RefCell;
use std::rc::Rc;

use crate::support::{Log, Refused, until};
use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("echo.heard")]
struct Heard {
    n: u32,
    panics: bool,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("echo.count", response = u32, error = Refused)]
struct Count {
    panics: bool,
}

struct Echo {
    log: Log,
    node: Rc<RefCell<Option<Node>>>,
}

/// Uses the node when it is dropped.
struct UsesNode {
    node: Rc<RefCell<Option<Node>>>,
    client: Client,
    n: u32,
}
impl Drop for UsesNode {
    fn drop(&mut self) {
        let client = self.client.clone();
        client.emit(Heard { n: self.n + 10, panics: false });
        drop(futures::FutureExt::now_or_never(client.send(Count { panics: false })));
        if let Some(node) = &*self.node.borrow() {
            assert!(node.stats().balances());
        }
    }
}

impl Actor for Echo {
    type Context = Context<Self>;
}
impl Supervised for Echo {}
impl Service for Echo {
    const NAME: &'static str = "echo";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Heard>().message::<Count>();
    }
}
impl Handler<Heard> for Echo {
    type Result = ResponseActFuture<Self, Result<(), EventError>>;
    fn handle(&mut self, heard: Heard, ctx: &mut Context<Self>) -> Self::Result {
        let uses =
            heard.panics.then(|| UsesNode { node: Rc::clone(&self.node), client: ctx.client(), n: heard.n });
        assert!(!heard.panics || heard.n.is_multiple_of(2), "at once");
        let work = async move {
            tokio::task::yield_now().await;
            assert!(!heard.panics, "later");
            drop(uses);
        };
        Box::pin(work.into_actor(self).map(move |(), echo, _| {
            echo.log.push(format!("heard {}", heard.n));
            Ok(())
        }))
    }
}
impl Handler<Count> for Echo {
    type Result = Result<u32, Refused>;
    fn handle(&mut self, count: Count, ctx: &mut Context<Self>) -> Self::Result {
        let _uses = UsesNode { node: Rc::clone(&self.node), client: ctx.client(), n: 100 };
        assert!(!count.panics, "counting");
        Ok(1)
    }
}

#[actix::test]
async fn of_handlers_that_use_the_node_while_they_unwind() {
    let (log, shared) = (Log::default(), Rc::default());
    let echo = Echo { log: log.clone(), node: Rc::clone(&shared) };
    let node = Node::builder("test").service(echo).start().await.unwrap();
    let (client, address) = (node.client(), node.addr::<Echo>().unwrap());
    *shared.borrow_mut() = Some(node);
    for n in 1..=4 {
        client.emit(Heard { n, panics: true });
    }
    for n in 1..=4 {
        until("each echo is heard", || log.has(&format!("heard {}", n + 10))).await;
    }
    assert!(matches!(client.send(Count { panics: true }).await, Err(RequestError::Panicked { .. })));
    assert!(address.send(Count { panics: true }).await.is_err());
    until("their echoes are heard", || log.starting_with("heard 110").len() >= 2).await;
    assert_eq!(client.send(Count { panics: false }).await, Ok(1));
    let node = shared.borrow_mut().take().unwrap();
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained && report.stats.balances(), "{report:?}");
    assert_eq!(report.stats.total().dead_lettered, 4);
}

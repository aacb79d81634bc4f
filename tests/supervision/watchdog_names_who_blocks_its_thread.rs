//! A handler that blocks its thread is reported while it does, with its service and its pattern.

use tracing::Level;

use crate::support::*;
use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("block.event")]
struct BlockEvent {
    /// Before its thread is blocked it waits for something.
    later: bool,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("block.message", response = (), error = Refused)]
struct BlockMessage {
    blocks: bool,
}

struct Blocker {
    logs: Logs,
}

impl Blocker {
    /// Blocks the thread until it is told off, a minute at most.
    fn block(logs: &Logs) {
        let (before, began) = (reports(logs).len(), std::time::Instant::now());
        while reports(logs).len() == before && began.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
impl Actor for Blocker {
    type Context = Context<Self>;
}
impl Supervised for Blocker {}
impl Service for Blocker {
    const NAME: &'static str = "blocker";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<BlockEvent>().message::<BlockMessage>();
    }
}
impl Handler<BlockEvent> for Blocker {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, event: BlockEvent, _: &mut Context<Self>) -> Self::Result {
        let logs = self.logs.clone();
        if !event.later {
            Self::block(&logs);
        }
        Box::pin(async move {
            if event.later {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Self::block(&logs);
            }
            Ok(())
        })
    }
}
impl Handler<BlockMessage> for Blocker {
    type Result = Result<(), Refused>;
    fn handle(&mut self, message: BlockMessage, _: &mut Context<Self>) -> Self::Result {
        if message.blocks {
            Self::block(&self.logs);
        }
        Ok(())
    }
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("block.through", response = (), error = Refused)]
struct BlockThrough;

/// Asks the blocker, and runs it: it is its sender.
#[derive(Service)]
#[service("watchdogs-asker", messages(BlockThrough))]
struct Asker;

impl Handler<BlockThrough> for Asker {
    type Result = ResponseFuture<Result<(), Refused>>;
    fn handle(&mut self, _: BlockThrough, ctx: &mut Context<Self>) -> Self::Result {
        let client = ctx.client();
        Box::pin(async move { client.send(BlockMessage { blocks: true }).await.map_err(|_| Refused) })
    }
}

fn reports(logs: &Logs) -> Vec<String> {
    logs.at(Level::WARN)
        .into_iter()
        .filter(|line| line.contains("blocks its thread"))
        .filter(|line| line.contains("blocker") || line.contains("watchdogs-asker"))
        .collect()
}

/// The watchdog has a thread of its own, so this needs a process-wide subscriber: a test binary's only one.
#[actix::test]
async fn in_a_synchronous_handler_and_after_an_await() {
    let logs = Logs::default();
    logs.collect_everywhere();
    let limit = Duration::from_millis(40);
    let blocker = Blocker { logs: logs.clone() };
    let node =
        Node::builder("test").block_limit(limit).service(blocker).service(Asker).start().await.unwrap();
    let client = node.client();
    client.emit(BlockEvent { later: false });
    until("the first is handled", || node.stats().total().handled == 1).await;
    client.send(BlockMessage { blocks: true }).await.unwrap();
    client.emit(BlockEvent { later: true });
    until("the second is in hand", || node.stats().total().in_flight == 1).await;
    // What was called last is not who blocks.
    client.send(BlockMessage { blocks: false }).await.unwrap();
    until("the last is handled", || node.stats().total().handled == 2).await;
    // The asker's own handler blocks nothing, though it is on the stack.
    client.send(BlockThrough).await.unwrap();
    let reports = reports(&logs);
    let patterns = ["block.event", "block.message", "block.event", "block.message"];
    assert_eq!(reports.len(), 4, "{reports:?}");
    for (report, pattern) in reports.iter().zip(patterns) {
        assert!(report.contains("blocker") && report.contains(pattern), "{pattern}: {report}");
    }
}

//! Every time may be `Duration::MAX`, which is what people write for "no limit".

use nestling::prelude::*;
use nestling::{Backoff, Retry};

use crate::support::{Never, letters, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "ask", response = u32, error = Never)]
struct Ask;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("told")]
struct Told {
    n: u32,
}

/// Its responses are not there at once, so that their times are counted.
struct Patient;
impl Actor for Patient {
    type Context = Context<Self>;
}
impl Supervised for Patient {}
impl Service for Patient {
    const NAME: &'static str = "patient";
    fn patterns(patterns: &mut Patterns<Self>) {
        let forever = Duration::MAX;
        patterns.message::<Ask>().timeout(forever);
        patterns.event::<Told>().timeout(forever).retry(Retry::immediate(1).deadline(forever).cap(forever));
        patterns.restart_backoff(Backoff::new(Duration::ZERO, 2.0, forever)).max_restarts(9, forever);
    }
}
impl Handler<Ask> for Patient {
    type Result = ResponseActFuture<Self, Result<u32, Never>>;
    fn handle(&mut self, _: Ask, _: &mut Context<Self>) -> Self::Result {
        Box::pin(actix::fut::wrap_future(async move {
            tokio::task::yield_now().await;
            Ok(1)
        }))
    }
}
impl Handler<Told> for Patient {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, told: Told, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if told.n.is_multiple_of(2) { Ok(()) } else { Err(EventError::msg("odd")) }
        })
    }
}

#[actix::test]
async fn it_works_as_without_limit() {
    let forever = Duration::MAX;
    let node = Node::builder("patient")
        .request_timeout(forever)
        .emit_timeout(forever)
        .block_limit(forever)
        .shutdown_limit(forever)
        .service_with(|_| Patient)
        .start()
        .await
        .unwrap();
    let client = node.client();
    for n in 0..4 {
        client.emit(Told { n });
    }
    client.emit_confirmed(Told { n: 4 }).timeout(forever).await.unwrap();
    until(|| node.stats().total().handled == 3).await;
    assert_eq!(letters(&node).await.len(), 2);
    assert_eq!(node.stats().service("patient").unwrap().restarts, 2);

    for explicit in [true, false] {
        let sent = if explicit { client.send(Ask).timeout(forever) } else { client.send(Ask) };
        assert_eq!(sent.await, Ok(1));
    }
    let report = node.shutdown(forever).await;
    assert!(report.drained, "{report:?}");
    assert!(report.stats.balances());
}

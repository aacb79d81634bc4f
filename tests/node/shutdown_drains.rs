//! While a node drains it takes nothing more from outside, and still delivers what its own services send.

use nestling::prelude::*;

use crate::support::{Log, Never, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "step", response = u32, error = Never)]
struct Step;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("count.down")]
struct CountDown {
    n: u32,
}

/// Each event waits, asks the other service, and emits the next.
#[derive(Service)]
#[service("counter", events(CountDown))]
struct Counter {
    log: Log,
}
impl Handler<CountDown> for Counter {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, CountDown { n }: CountDown, ctx: &mut Context<Self>) -> Self::Result {
        let (client, log) = (ctx.client(), self.log.clone());
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            client.send(Step).await?;
            log.push(n.to_string());
            if n > 0 {
                client.emit(CountDown { n: n - 1 });
            }
            Ok(())
        })
    }
}

#[derive(Service)]
#[service("steps", messages(Step))]
struct Steps;
impl Handler<Step> for Steps {
    type Result = Result<u32, Never>;
    fn handle(&mut self, _: Step, _: &mut Context<Self>) -> Self::Result {
        Ok(1)
    }
}

#[actix::test]
async fn what_services_send_and_nothing_from_outside() {
    let log = Log::default();
    let make = {
        let log = log.clone();
        move |_| Counter { log: log.clone() }
    };
    let builder = Node::builder("shop").service_on(Placement::Dedicated, make).service(Steps);
    let node = builder.start().await.unwrap();
    let (client, letters) = (node.client(), node.dead_letters());
    client.emit(CountDown { n: 20 });
    until(|| !log.lines().is_empty()).await;
    let shutdown = actix::spawn(node.shutdown(Duration::from_secs(10)));
    until(|| log.lines().len() > 2).await;
    assert!(!shutdown.is_finished());
    // From outside:
    let mut stream = letters.stream();
    client.emit(CountDown { n: 1_000 });
    let refused = client.send(Step).await;
    assert!(matches!(&refused, Err(RequestError::Unavailable { .. })), "{refused:?}");
    let refused = client.emit_confirmed(CountDown { n: 1_000 }).await;
    assert!(matches!(&refused, Err(EmitError::Unavailable { .. })), "{refused:?}");
    let letter = futures::StreamExt::next(&mut stream).await.unwrap();
    assert_eq!(
        (letter.reason, letter.service.as_str()),
        (Reason::Shutdown, ""),
        "nobody was asked to take it"
    );

    let report = shutdown.await.unwrap();
    assert!(report.drained, "{report:?}");
    assert_eq!((report.unfinished_events, report.unfinished_requests), (0, 0));
    let expected: Vec<_> = (0..=20).rev().map(|n: u32| n.to_string()).collect();
    assert_eq!(log.lines(), expected);
    assert!(report.stats.balances());
    assert_eq!(report.stats.total().handled, 21);
}

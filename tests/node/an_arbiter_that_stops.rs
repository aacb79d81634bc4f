//! When an arbiter stops, what its services have in hand, what is queued for them or waits for a retry, and what comes
//! later, are dead letters with reason `shutdown`. A confirmed emit says that they have stopped.

use nestling::prelude::*;

use crate::support::{letters, until};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("parcel.sent")]
struct Sent {
    n: u32,
}

/// The same, for a lane of its own.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("parcel.lost")]
struct Lost {
    n: u32,
}

/// Never done with a parcel that is sent, and waits for long with one that is lost.
struct Post;
impl Actor for Post {
    type Context = Context<Self>;
}
impl Supervised for Post {}
impl Service for Post {
    const NAME: &'static str = "post";
    fn patterns(patterns: &mut Patterns<Self>) {
        let retry = Retry::exponential(1).first_delay(Duration::from_secs(600)).jitter(false);
        patterns.event::<Sent>();
        patterns.event::<Lost>().lane().retry(retry);
    }
}
impl Handler<Sent> for Post {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, _: Sent, _: &mut Context<Self>) -> Self::Result {
        Box::pin(std::future::pending())
    }
}
impl Handler<Lost> for Post {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Lost, _: &mut Context<Self>) -> Self::Result {
        Err(EventError::msg("not found"))
    }
}

/// The routes and payloads of the dead letters, and their attempts, in order; each is of this service and reason.
async fn buried(node: &Node) -> Vec<(String, u32)> {
    let mut buried = Vec::new();
    for letter in letters(node).await {
        assert_eq!((letter.reason, letter.service.as_str()), (Reason::Shutdown, "post"), "{letter:#?}");
        buried.push((format!("{} {}", letter.route, letter.payload), letter.attempts));
    }
    buried.sort_unstable();
    buried
}

fn parcel(pattern: &str, n: u32, attempts: u32) -> (String, u32) {
    (format!(r#"parcel.{pattern} {{"n":{n}}}"#), attempts)
}

#[actix::test]
async fn what_it_had_and_what_comes_later_are_dead_letters() {
    let arbiter = actix::Arbiter::new();
    let builder = Node::builder("test").service_on(Placement::On(arbiter.handle()), |_| Post);
    let node = builder.start().await.unwrap();
    let client = node.client();
    for n in 0..3 {
        client.emit(Sent { n });
    }
    client.emit(Lost { n: 3 });
    let total = || node.stats().total();
    until(|| (total().in_flight, total().queued, total().retried) == (2, 2, 1)).await;
    arbiter.stop();
    arbiter.join().unwrap();
    let had = [parcel("lost", 3, 1), parcel("sent", 0, 0), parcel("sent", 1, 0), parcel("sent", 2, 0)];
    until(|| total().dead_lettered == 4).await;
    assert_eq!(buried(&node).await, had);

    client.emit(Sent { n: 4 });
    until(|| total().dead_lettered == 5).await;
    assert_eq!(buried(&node).await[4], parcel("sent", 4, 0));
    let refused = client.emit_confirmed(Sent { n: 5 }).await;
    assert!(matches!(refused, Err(EmitError::Stopped { taken: 0, .. })), "{refused:?}");

    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained && report.stats.balances(), "{report:?}");
    let total = report.stats.total();
    assert_eq!((total.delivered, total.dead_lettered, total.imbalance()), (5, 5, 0));
}

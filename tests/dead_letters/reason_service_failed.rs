//! `service_failed`: the service had been given up. What was queued for it and what comes later are dead letters.

use nestling::prelude::*;

use crate::support::{Gate, MailDue, check, idle, letters, node, until};

struct Fragile(Gate);
impl Actor for Fragile {
    type Context = Context<Self>;
}
impl Supervised for Fragile {}
impl Service for Fragile {
    const NAME: &'static str = "fragile";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<MailDue>().max_restarts(0, Duration::from_secs(60));
    }
}
impl Handler<MailDue> for Fragile {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, _: MailDue, _: &mut Context<Self>) -> Self::Result {
        let gate = self.0.clone();
        Box::pin(async move {
            gate.pass().await;
            panic!("broken for good")
        })
    }
}

#[actix::test]
async fn for_what_was_queued_and_for_what_comes_later() {
    let gate = Gate::closed();
    let node = node().service(Fragile(gate.clone())).start().await.unwrap();
    for n in 0..3 {
        node.client().emit(MailDue { n });
    }
    until("one is in hand, the others queued", || node.stats().total().queued == 2).await;
    gate.open(1);
    until("it is given up", || node.stats().total().dead_lettered == 3).await;
    node.client().emit(MailDue { n: 3 });
    idle(&node).await;

    let letters = letters(&node, Filter::new()).await;
    let reasons: Vec<_> = letters.iter().map(|letter| (letter.reason, letter.payload.get())).collect();
    let given_up = |payload| (Reason::ServiceFailed, payload);
    assert_eq!(reasons[0], (Reason::Panic, r#"{"n":0}"#));
    assert_eq!(reasons[1..], [r#"{"n":1}"#, r#"{"n":2}"#, r#"{"n":3}"#].map(given_up));
    check(&letters[1], Reason::ServiceFailed, 0);
    check(&letters[3], Reason::ServiceFailed, 0);
    assert_eq!(letters[3].error_message, "service `fragile` has been given up");
}

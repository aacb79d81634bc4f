//! A service takes as many requests as its lane holds. One more is `Overloaded` at once; a place is free again when its
//! request has been begun, or its sender has gone.

use std::cell::Cell;
use std::rc::Rc;

use futures::FutureExt;
use nestling::prelude::*;

use crate::support::Refused;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "count", response = u32, error = Refused)]
struct Count;

struct Counter {
    counted: Rc<Cell<u32>>,
}
impl Actor for Counter {
    type Context = Context<Self>;
}
impl Supervised for Counter {}
impl Service for Counter {
    const NAME: &'static str = "counter";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Count>();
        patterns.request_capacity(2);
    }
}
impl Handler<Count> for Counter {
    type Result = Result<u32, Refused>;
    fn handle(&mut self, _: Count, _: &mut Context<Self>) -> Self::Result {
        self.counted.set(self.counted.get() + 1);
        Ok(self.counted.get())
    }
}

fn overloaded() -> Option<Result<u32, RequestError<Refused>>> {
    let (pattern, service) = (String::from(r#"{"cmd":"count"}"#), String::from("counter"));
    Some(Err(RequestError::Overloaded { pattern, service, bound: 2 }))
}

#[actix::test]
async fn one_beyond_the_bound_is_told_so_at_once() {
    let counted = Rc::default();
    let node = Node::builder("test").service(Counter { counted: Rc::clone(&counted) }).start().await.unwrap();
    let client = node.client();
    // Nothing of the service runs between these polls: they share its thread.
    let (mut first, mut second) = (client.send(Count), client.send(Count));
    assert_eq!((&mut first).now_or_never(), None);
    assert_eq!((&mut second).now_or_never(), None);
    assert_eq!(client.send(Count).now_or_never(), overloaded());
    assert_eq!((first.await, second.await), (Ok(1), Ok(2)));
    assert_eq!(client.send(Count).await, Ok(3));
    let requests = node.stats().services[0].requests;
    assert_eq!((requests.received, requests.answered, requests.overloaded), (3, 3, 1));
}

#[actix::test]
async fn what_nobody_waits_for_holds_no_place() {
    let counted = Rc::default();
    let node = Node::builder("test").service(Counter { counted: Rc::clone(&counted) }).start().await.unwrap();
    let client = node.client();
    let (mut given_up, mut kept) = (client.send(Count), client.send(Count));
    assert_eq!((&mut given_up).now_or_never(), None);
    assert_eq!((&mut kept).now_or_never(), None);
    drop(given_up);
    let mut next = client.send(Count);
    assert_eq!((&mut next).now_or_never(), None, "it takes the place of the one given up");
    assert_eq!(client.send(Count).now_or_never(), overloaded());
    assert_eq!((kept.await, next.await), (Ok(1), Ok(2)));
    let requests = node.stats().services[0].requests;
    assert_eq!((requests.received, requests.answered, requests.unanswered, requests.queued), (3, 2, 1, 0));
}

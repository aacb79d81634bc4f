//! Streams are requests: they wait in the same lane, count against its bound, and are answered when they end.

use nestling::prelude::*;

use crate::support::{Count, Refused, Seen, StreamExt, Then, count, settle};

struct Small(Seen);
impl Actor for Small {
    type Context = Context<Self>;
}
impl Supervised for Small {}
impl Service for Small {
    const NAME: &'static str = "small";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.request_capacity(2).stream::<Count>();
    }
}
impl Handler<Count> for Small {
    type Result = ResponseStream<u32, Refused>;
    fn handle(&mut self, count: Count, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::new(count.run(&self.0))
    }
}

#[actix::test]
async fn from_the_lane_to_the_end() {
    let node = Node::builder("test").service(Small(Seen::default())).start().await.unwrap();
    let client = node.client();
    let counters = || {
        let requests = node.stats().services[0].requests;
        (requests.received, requests.queued, requests.in_flight, requests.answered, requests.unanswered)
    };
    let mut streams: Vec<_> = (0..2).map(|_| client.stream(count(20, Then::End))).collect();
    for stream in &mut streams {
        assert!(futures::poll!(stream.next()).is_pending());
    }
    assert_eq!(counters(), (2, 2, 0, 0, 0));
    let (pattern, service) = ("count".to_owned(), "small".to_owned());
    let refused: Vec<_> = client.stream(count(1, Then::End)).collect().await;
    assert_eq!(refused, [Err(RequestError::Overloaded { pattern, service, bound: 2 })]);
    assert_eq!(node.stats().services[0].requests.overloaded, 1);
    settle().await;
    assert_eq!(counters(), (2, 0, 2, 0, 0), "those that run hold no place in the lane");
    let read: Vec<_> = streams.pop().unwrap().collect().await;
    assert_eq!(read.len(), 20);
    assert_eq!(counters(), (2, 0, 1, 1, 0));
    drop(streams);
    settle().await;
    assert_eq!(counters(), (2, 0, 0, 1, 1), "nobody waited for the rest");
}

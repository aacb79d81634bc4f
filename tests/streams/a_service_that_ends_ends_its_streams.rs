//! A drain waits for running streams until its limit; what a service leaves behind when it ends says `Unavailable`.

use nestling::prelude::*;

use crate::support::{Refused, Seen, StreamExt, Then, count, counter, locally, slowly, until};

fn is_unavailable(item: Option<&Result<u32, RequestError<Refused>>>) -> bool {
    matches!(item, Some(Err(RequestError::Unavailable { pattern, .. })) if pattern == "count")
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_its_streams() {
    locally(async {
        let (node, _) = counter().await;
        let mut stream = node.client().stream(slowly(5, Then::End, Duration::from_secs(1)));
        assert_eq!(stream.next().await, Some(Ok(0)));
        let client = node.client().clone();
        let reader = tokio::task::spawn_local(stream.collect::<Vec<_>>());
        let report = node.shutdown(Duration::from_secs(10)).await;
        assert!(report.drained, "{report:?}");
        assert_eq!(reader.await.unwrap(), (1..5).map(Ok).collect::<Vec<_>>());
        let after: Vec<_> = client.stream(count(1, Then::End)).collect().await;
        assert!(is_unavailable(after.last()), "{after:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn until_its_limit() {
    locally(async {
        let (node, seen) = counter().await;
        let mut stream = node.client().stream(count(3, Then::Wait));
        let mut unread = node.client().stream(count(1_000, Then::End));
        assert_eq!(stream.next().await, Some(Ok(0)));
        assert_eq!(unread.next().await, Some(Ok(0)));
        let report = node.shutdown(Duration::from_secs(2)).await;
        assert_eq!((report.drained, report.unfinished_requests), (false, 2), "{report:?}");
        for (stream, items) in [(stream, 2), (unread, 16)] {
            let read: Vec<_> = stream.collect().await;
            assert_eq!(read.len(), items + 1, "what was made is still read, and then the end: {read:?}");
            assert!(is_unavailable(read.last()), "{read:?}");
        }
        assert_eq!(seen.dropped(), (2, 2));
    })
    .await;
}

#[actix::test]
async fn a_node_that_is_dropped() {
    let (node, seen) = counter().await;
    let mut stream = node.client().stream(count(1, Then::Wait));
    assert_eq!(stream.next().await, Some(Ok(0)));
    drop(node);
    let read: Vec<_> = stream.collect().await;
    assert!(is_unavailable(read.last()), "{read:?}");
    until(|| seen.dropped() == (1, 1)).await;
}

struct Frail(Seen);
impl Actor for Frail {
    type Context = Context<Self>;
}
impl Supervised for Frail {}
impl Service for Frail {
    const NAME: &'static str = "frail";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.max_restarts(0, Duration::from_secs(60)).stream::<crate::support::Count>();
    }
}
impl Handler<crate::support::Count> for Frail {
    type Result = ResponseStream<u32, Refused>;
    fn handle(&mut self, count: crate::support::Count, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::new(count.run(&self.0))
    }
}

#[actix::test]
async fn a_service_that_is_given_up() {
    let seen = Seen::default();
    let node = Node::builder("test").service(Frail(seen.clone())).start().await.unwrap();
    let mut running = node.client().stream(count(1, Then::Wait));
    assert_eq!(running.next().await, Some(Ok(0)));
    let panicked: Vec<_> = node.client().stream(count(0, Then::Panic)).collect().await;
    assert!(matches!(panicked[..], [Err(RequestError::Panicked { .. })]), "{panicked:?}");
    let read: Vec<_> = running.collect().await;
    assert!(is_unavailable(read.last()), "{read:?}");
    let after: Vec<_> = node.client().stream(count(1, Then::End)).collect().await;
    assert!(is_unavailable(after.last()), "{after:?}");
    assert_eq!(seen.dropped(), (2, 2));
}

//! `addr.send(S)` and `client.stream(S)` side by side: the same handler and the same items.

use nestling::prelude::*;

use crate::support::{Count, Refused, Seen, StreamExt, Then, count, settle};

#[derive(Service)]
#[service("both", streams(Count))]
struct Both(Seen);

impl Handler<Count> for Both {
    type Result = ResponseStream<u32, Refused>;
    fn handle(&mut self, count: Count, _: &mut Context<Self>) -> Self::Result {
        self.0.say(format!("{} {:?}", count.items, count.then));
        ResponseStream::new(count.run(&self.0))
    }
}

#[actix::test]
async fn however_the_stream_ends() {
    let seen = Seen::default();
    let node = Node::builder("test").service(Both(seen.clone())).start().await.unwrap();
    let address = node.addr::<Both>().unwrap();
    for then in [Then::End, Then::Fail] {
        for items in [0, 1, 16, 17, 500] {
            let by_client: Vec<_> = node.client().stream(count(items, then)).collect().await;
            let by_address: Vec<_> = address.send(count(items, then)).await.unwrap().collect().await;
            assert_eq!(by_address, by_client);
            assert_eq!(by_client.len(), items as usize + usize::from(then == Then::Fail));
            let line = format!("{items} {then:?}");
            assert_eq!(seen.lines()[seen.lines().len() - 2..], [line.clone(), line]);
        }
    }
    settle().await;
    assert_eq!(seen.dropped(), (20, 20));
    assert_eq!(node.stats().services[0].requests.received, 10, "those through the client");
}

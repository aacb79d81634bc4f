//! A handler may answer with the stream of another service, at once or later: items, errors, backpressure and the
//! reader's leaving go through it.

use nestling::prelude::*;

use crate::support::{Count, Counter, Refused, Seen, StreamExt, Then, count, in_flight, settle, until};

type Counted = ItemStream<u32, Refused>;

macro_rules! relays {
    ($($name:ident $text:literal $response:ty = |$counted:ident, $actor:ident| $make:expr;)+) => {
        $(
            #[derive(Debug, Serialize, Deserialize, StreamPattern)]
            #[stream_pattern($text, item = u32, error = Refused)]
            struct $name(Count);

            impl Handler<$name> for Relay {
                type Result = $response;
                fn handle(&mut self, $name(count): $name, ctx: &mut Context<Self>) -> Self::Result {
                    let $counted = ctx.client().stream(count);
                    let $actor = self;
                    $make
                }
            }
        )+

        #[derive(Service)]
        #[service("relay", streams($($name),+))]
        struct Relay;

        #[actix::test]
        async fn whatever_kind_of_response() {
            let (node, seen) = relay().await;
            let (client, address) = (node.client(), node.addr::<Relay>().unwrap());
            $(
                let read = client.stream($name(count(40, Then::Fail))).collect::<Vec<_>>().await;
                let own = [Err(RequestError::Handler(Refused(40)))];
                assert_eq!(read, (0..40).map(Ok).chain(own).collect::<Vec<_>>(), $text);
                let read = address.send($name(count(2, Then::End))).await.unwrap();
                assert_eq!(read.collect::<Vec<_>>().await, [Ok(0), Ok(1)], $text);

                let (made, begun) = (seen.made(), seen.dropped().1);
                let mut stream = client.stream($name(count(1_000, Then::End)));
                assert_eq!(stream.next().await, Some(Ok(0)), $text);
                settle().await;
                assert_eq!(seen.made() - made, 1 + 16 + 16, "{}: room for 16 at either service", $text);
                drop(stream);
                until(|| seen.dropped() == (begun + 1, begun + 1) && in_flight(&node) == 0).await;

                let mut read = client.stream($name(count(1, Then::Panic))).collect::<Vec<_>>().await;
                let Some(Err(RequestError::Panicked { pattern, service, .. })) = read.pop() else {
                    panic!("{}: {read:?}", $text)
                };
                assert_eq!((pattern.as_str(), service.as_str()), ($text, "counter"), "whose it was");
            )+
            let restarts: Vec<_> = node.stats().services.iter().map(|service| service.restarts).collect();
            assert_eq!(restarts, [[$($text),+].len() as u64, 0], "the relay has not failed");
        }
    };
}

async fn later(counted: Counted) -> Counted {
    tokio::task::yield_now().await;
    counted
}

relays! {
    AtOnce "at_once" Counted = |counted, _actor| counted;
    AsFuture "future" ResponseFuture<Counted> = |counted, _actor| Box::pin(later(counted));
    AsActFuture "act_future" ResponseActFuture<Self, Counted> =
        |counted, actor| Box::pin(later(counted).into_actor(actor));
    AsAtomic "atomic" AtomicResponse<Self, Counted> =
        |counted, actor| AtomicResponse::new(Box::pin(later(counted).into_actor(actor)));
}

async fn relay() -> (Node, Seen) {
    let seen = Seen::default();
    let node = Node::builder("test").service(Counter(seen.clone())).service(Relay).start().await.unwrap();
    (node, seen)
}

struct Panic;

impl actix::Message for Panic {
    type Result = ();
}

impl Handler<Panic> for Relay {
    type Result = ();
    fn handle(&mut self, _: Panic, _: &mut Context<Self>) {
        panic!("of its own accord")
    }
}

#[actix::test]
async fn one_that_came_by_an_atomic_response_is_blamed_for_nothing() {
    let (node, _) = relay().await;
    let mut stream = node.client().stream(AsAtomic(count(3, Then::Wait)));
    assert_eq!(stream.next().await, Some(Ok(0)));
    node.addr::<Relay>().unwrap().do_send(Panic);
    until(|| node.stats().services[1].restarts == 1).await;
    assert_eq!(stream.next().await, Some(Ok(1)));
    assert_eq!(in_flight(&node), 2);
}

//! `addr.send(M)` and `client.send(M)` side by side: the same handler and the same typed result, for each kind of
//! response.

use actix::{ActorResponse, MessageResult, Response};
use nestling::prelude::*;

use crate::support::{Log, Refused};

macro_rules! kinds {
    ($($name:ident $text:literal $response:ty = |$answer:ident, $actor:ident| $make:expr;)+) => {
        $(
            #[derive(Debug, Clone, Serialize, Deserialize, MessagePattern)]
            #[message_pattern(cmd = $text, response = u32, error = Refused)]
            struct $name { n: u32 }

            impl Handler<$name> for Kinds {
                type Result = $response;
                fn handle(&mut self, message: $name, _: &mut Context<Self>) -> Self::Result {
                    self.log.push(format!("{} {}", $text, message.n));
                    let $answer = answer(message.n);
                    let $actor = self;
                    $make
                }
            }
        )+

        impl Service for Kinds {
            const NAME: &'static str = "kinds";
            fn patterns(patterns: &mut Patterns<Self>) {
                $(patterns.message::<$name>();)+
            }
        }

        #[actix::test]
        async fn whatever_kind_of_response() {
            let log = Log::default();
            let node = Node::builder("test").service(Kinds { log: log.clone() }).start().await.unwrap();
            let (address, client) = (node.addr::<Kinds>().unwrap(), node.client());
            let mut expected = Vec::new();
            $(
                for n in [2, 3] {
                    let message = $name { n };
                    let plain = address.send(message.clone()).await.unwrap();
                    let through_client = client.send(message).await;
                    assert_eq!(plain, answer(n), $text);
                    assert_eq!(through_client, plain.map_err(RequestError::Handler), $text);
                    expected.extend([format!("{} {n}", $text), format!("{} {n}", $text)]);
                }
            )+
            assert_eq!(log.lines(), expected);
            let requests = node.stats().services[0].requests;
            assert_eq!((requests.received, requests.answered), (expected.len() as u64 / 2, expected.len() as u64 / 2));
            assert_eq!(node.stats().services[0].restarts, 0, "a service's own error is an answer, not a failure");
        }
    };
}

type Answer = Result<u32, Refused>;

fn answer(n: u32) -> Answer {
    if n.is_multiple_of(2) { Ok(n * 2) } else { Err(Refused(n)) }
}

struct Kinds {
    log: Log,
}

impl Actor for Kinds {
    type Context = Context<Self>;
}
impl Supervised for Kinds {}

/// Is ready at the second poll.
async fn later(answer: Answer) -> Answer {
    tokio::task::yield_now().await;
    answer
}

kinds! {
    AsResult "result" Answer = |answer, _actor| answer;
    AsMessageResult "message_result" MessageResult<AsMessageResult> = |answer, _actor| MessageResult(answer);
    AsFuture "future" ResponseFuture<Answer> = |answer, _actor| Box::pin(later(answer));
    AsActFuture "act_future" ResponseActFuture<Self, Answer> =
        |answer, actor| Box::pin(later(answer).into_actor(actor));
    AsAtomic "atomic" AtomicResponse<Self, Answer> =
        |answer, actor| AtomicResponse::new(Box::pin(later(answer).into_actor(actor)));
    AsResponse "response" Response<Answer> = |answer, _actor| Response::reply(answer);
    AsResponseFuture "response_future" Response<Answer> = |answer, _actor| Response::fut(later(answer));
    AsActorResponse "actor_response" ActorResponse<Self, Answer> = |answer, _actor| ActorResponse::reply(answer);
    AsActorResponseFuture "actor_response_future" ActorResponse<Self, Answer> =
        |answer, actor| ActorResponse::r#async(later(answer).into_actor(actor));
}

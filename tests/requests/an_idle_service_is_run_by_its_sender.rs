//! A sender on the node's own thread runs a service that has nothing to do: the handler is called in the poll that sends
//! the request, and a response that it has at once is that poll's result. A service that has something to do, or that
//! runs elsewhere, is waited for.

use futures::FutureExt;
use nestling::prelude::*;

use crate::support::{Log, Refused, until};

macro_rules! message {
    ($name:ident $cmd:literal) => {
        #[derive(Debug, Serialize, Deserialize, MessagePattern)]
        #[message_pattern(cmd = $cmd, response = String, error = Refused)]
        struct $name;
    };
}
message!(Now "now");
message!(Soon "soon");
message!(SoonWithActor "soon with actor");
message!(Never "never");
message!(Panic "panic");
message!(AskItself "ask itself");

struct Clerk {
    log: Log,
    client: Client,
}

impl Actor for Clerk {
    type Context = Context<Self>;
}
impl Supervised for Clerk {
    fn restarting(&mut self, _: &mut Context<Self>) {
        self.log.push("restarting");
    }
}
impl Service for Clerk {
    const NAME: &'static str = "clerk";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Now>().message::<Soon>().message::<SoonWithActor>();
        patterns.message::<Never>().message::<Panic>().message::<AskItself>();
    }
}
impl Handler<Now> for Clerk {
    type Result = Result<String, Refused>;
    fn handle(&mut self, _: Now, _: &mut Context<Self>) -> Self::Result {
        self.log.push("now");
        Ok("now".to_owned())
    }
}
impl Handler<Soon> for Clerk {
    type Result = ResponseFuture<Result<String, Refused>>;
    fn handle(&mut self, _: Soon, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async { Err(Refused(1)) })
    }
}
impl Handler<SoonWithActor> for Clerk {
    type Result = ResponseActFuture<Self, Result<String, Refused>>;
    fn handle(&mut self, _: SoonWithActor, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async {}.into_actor(self).map(|(), clerk, _| Ok(clerk.log.lines().join(", "))))
    }
}
impl Handler<Never> for Clerk {
    type Result = ResponseFuture<Result<String, Refused>>;
    fn handle(&mut self, _: Never, _: &mut Context<Self>) -> Self::Result {
        self.log.push("never");
        Box::pin(std::future::pending())
    }
}
impl Handler<Panic> for Clerk {
    type Result = Result<String, Refused>;
    fn handle(&mut self, _: Panic, _: &mut Context<Self>) -> Self::Result {
        panic!("clerk fell")
    }
}
impl Handler<AskItself> for Clerk {
    type Result = ResponseFuture<Result<String, Refused>>;
    fn handle(&mut self, _: AskItself, _: &mut Context<Self>) -> Self::Result {
        let (client, log) = (self.client.clone(), self.log.clone());
        Box::pin(async move {
            let mut asked = client.send(Now);
            let at_once = (&mut asked).now_or_never();
            log.push(if at_once.is_none() { "has to wait" } else { "inside of itself" });
            asked.await.map_err(|_| Refused(2))
        })
    }
}

/// A node whose clerk has begun and has nothing to do.
async fn clerk() -> (Node, Log) {
    let log = Log::default();
    let made = log.clone();
    let factory = move |client| Clerk { log: made.clone(), client };
    let node = Node::builder("test").service_with(factory).start().await.unwrap();
    node.client().send(Now).await.unwrap();
    (node, log)
}

#[actix::test]
async fn a_response_that_is_there_is_the_first_polls_result() {
    let (node, log) = clerk().await;
    let client = node.client();
    assert_eq!(client.send(Now).now_or_never(), Some(Ok("now".to_owned())));
    assert_eq!(client.send(Soon).now_or_never(), Some(Err(RequestError::Handler(Refused(1)))));
    assert_eq!(client.send(SoonWithActor).now_or_never(), Some(Ok("now, now".to_owned())));
    assert_eq!(
        client.send_json(serde_json::json!({"cmd": "now"}), ()).now_or_never(),
        Some(Ok("now".into()))
    );
    assert_eq!(log.lines().len(), 3);
    let stats = node.stats();
    let requests = &stats.services[0].requests;
    assert_eq!((requests.received, requests.answered), (5, 5), "{stats:?}");
}

#[actix::test]
async fn one_that_is_not_is_waited_for_and_holds_nobody_up() {
    let (node, log) = clerk().await;
    let client = node.client();
    let mut never = client.send(Never);
    assert_eq!((&mut never).now_or_never(), None);
    assert_eq!(log.lines(), ["now", "never"], "it was begun");
    assert_eq!(client.send(Now).now_or_never(), Some(Ok("now".to_owned())));
    drop(never);
    until(|| node.stats().services[0].requests.unanswered == 1).await;
}

#[actix::test]
async fn a_panic_is_the_requests_alone_and_the_service_is_there_again() {
    let (node, log) = clerk().await;
    let client = node.client();
    let address = node.addr::<Clerk>().unwrap();
    let failed = client.send(Panic).now_or_never().expect("it has failed");
    assert!(matches!(failed, Err(RequestError::Panicked { .. })), "{failed:?}");
    assert_eq!(client.send(Now).await, Ok("now".to_owned()));
    assert_eq!(address.send(Now).await, Ok(Ok("now".to_owned())));
    assert_eq!(log.lines(), ["now", "restarting", "now", "now"]);
    assert_eq!(node.stats().services[0].restarts, 1);
}

#[actix::test]
async fn a_service_that_asks_itself_is_not_run_inside_of_itself() {
    let (node, log) = clerk().await;
    assert_eq!(node.client().send(AskItself).await, Ok("now".to_owned()));
    assert_eq!(log.lines(), ["now", "has to wait", "now"]);
}

#[actix::test]
async fn a_service_of_another_thread_and_a_sender_of_another_thread_wait() {
    #[derive(Service)]
    #[service("afar", messages(Now))]
    struct Afar;
    impl Handler<Now> for Afar {
        type Result = Result<String, Refused>;
        fn handle(&mut self, _: Now, _: &mut Context<Self>) -> Self::Result {
            Ok(format!("{:?}", std::thread::current().id()))
        }
    }
    let here = format!("{:?}", std::thread::current().id());
    let afar = Node::builder("test").service_on(Placement::Dedicated, |_| Afar).start().await.unwrap();
    for _ in 0..20 {
        assert_ne!(afar.client().send(Now).await.unwrap(), here);
    }
    let near = Node::builder("test").service(Afar).start().await.unwrap();
    let client = near.client();
    let sent =
        std::thread::spawn(move || (0..20).map(|_| crate::support::block_on(client.send(Now))).collect());
    let answers: Vec<_> = tokio::task::spawn_blocking(|| sent.join().unwrap()).await.unwrap();
    assert_eq!(answers, vec![Ok(here); 20]);
}

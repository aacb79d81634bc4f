//! A request whose sender has gone is not begun; one that runs is dropped with its future, if the inbox drives it.

use nestling::prelude::*;

use crate::support::{Log, Refused, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "dig", response = u32, error = Refused)]
struct Dig {
    n: u32,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "dig_alone", response = u32, error = Refused)]
struct DigAlone {
    n: u32,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "dig_through", response = u32, error = Refused)]
struct DigThrough;

#[derive(Service)]
#[service("digger", messages(Dig, DigAlone, DigThrough))]
struct Digger {
    log: Log,
    through: std::rc::Rc<tokio::sync::Notify>,
}
impl Digger {
    fn new(log: &Log) -> Self {
        Self { log: log.clone(), through: std::rc::Rc::default() }
    }
}

/// Says when it is dropped.
struct Spade(Log, u32);
impl Drop for Spade {
    fn drop(&mut self) {
        self.0.push(format!("dropped {}", self.1));
    }
}

impl Digger {
    fn dig(&self, n: u32) -> impl Future<Output = Result<u32, Refused>> + use<> {
        self.log.push(format!("begin {n}"));
        let spade = Spade(self.log.clone(), n);
        async move {
            if n == 0 {
                std::future::pending::<()>().await;
            }
            Ok(spade.1)
        }
    }
}
impl Handler<Dig> for Digger {
    type Result = ResponseFuture<Result<u32, Refused>>;
    fn handle(&mut self, Dig { n }: Dig, _: &mut Context<Self>) -> Self::Result {
        Box::pin(self.dig(n))
    }
}
impl Handler<DigAlone> for Digger {
    type Result = ResponseActFuture<Self, Result<u32, Refused>>;
    fn handle(&mut self, DigAlone { n }: DigAlone, _: &mut Context<Self>) -> Self::Result {
        Box::pin(self.dig(n).into_actor(self))
    }
}

/// Ends when somebody lets it.
impl Handler<DigThrough> for Digger {
    type Result = AtomicResponse<Self, Result<u32, Refused>>;
    fn handle(&mut self, _: DigThrough, _: &mut Context<Self>) -> Self::Result {
        self.log.push("begin");
        let (log, through) = (self.log.clone(), std::rc::Rc::clone(&self.through));
        let dug = async move {
            through.notified().await;
            log.push("through");
            Ok(9)
        };
        AtomicResponse::new(Box::pin(dug.into_actor(self)))
    }
}

#[actix::test]
async fn is_not_begun_if_its_sender_went_before() {
    let log = Log::default();
    let node = Node::builder("test").service(Digger::new(&log)).start().await.unwrap();
    let mut given_up = node.client().send(Dig { n: 1 });
    assert!(futures::poll!(&mut given_up).is_pending());
    assert_eq!(node.stats().services[0].requests.queued, 1);
    drop(given_up);
    assert_eq!(node.client().send(Dig { n: 2 }).await, Ok(2));
    assert_eq!(log.lines(), ["begin 2", "dropped 2"]);
    let requests = node.stats().services[0].requests;
    assert_eq!((requests.received, requests.answered, requests.unanswered), (2, 1, 1));
}

#[actix::test]
async fn was_never_sent_if_it_was_never_polled() {
    let log = Log::default();
    let node = Node::builder("test").service(Digger::new(&log)).start().await.unwrap();
    drop(node.client().send(Dig { n: 1 }));
    assert_eq!(node.client().send(Dig { n: 2 }).await, Ok(2));
    assert_eq!(node.stats().services[0].requests.received, 1);
}

#[actix::test]
async fn is_dropped_with_its_future_if_it_runs() {
    let log = Log::default();
    let node = Node::builder("test").service(Digger::new(&log)).start().await.unwrap();
    let client = node.client();
    let impatient = Duration::from_millis(20);
    assert!(tokio::time::timeout(impatient, client.send(Dig { n: 0 })).await.is_err());
    until(|| log.lines() == ["begin 0", "dropped 0"]).await;
    assert!(tokio::time::timeout(impatient, client.send(DigAlone { n: 0 })).await.is_err());
    until(|| log.lines()[2..] == ["begin 0", "dropped 0"]).await;
    until(|| node.stats().services[0].requests.in_flight == 0).await;
    let timed_out = client.send(Dig { n: 0 }).timeout(impatient).await;
    assert!(matches!(timed_out, Err(RequestError::Timeout { .. })), "{timed_out:?}");
    until(|| log.lines()[4..] == ["begin 0", "dropped 0"]).await;
    assert_eq!(node.stats().services[0].restarts, 0, "a sender that goes is no failure");
    assert_eq!(client.send(DigAlone { n: 3 }).await, Ok(3));
}

#[actix::test]
async fn runs_to_its_end_if_actix_drives_it() {
    let log = Log::default();
    let digger = Digger::new(&log);
    let through = std::rc::Rc::clone(&digger.through);
    let node = Node::builder("test").service(digger).start().await.unwrap();
    let given_up = node.client().send(DigThrough).timeout(Duration::from_millis(20)).await;
    assert!(matches!(given_up, Err(RequestError::Timeout { .. })), "{given_up:?}");
    assert_eq!(log.lines(), ["begin"]);
    through.notify_one();
    assert_eq!(node.client().send(Dig { n: 3 }).await, Ok(3));
    assert_eq!(log.lines()[..2], ["begin", "through"], "what comes after it waits for it");
    let requests = node.stats().services[0].requests;
    assert_eq!((requests.answered, requests.unanswered, requests.in_flight), (1, 1, 0));
}

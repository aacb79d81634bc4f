//! Where a service runs: on the node's thread, on an arbiter, or on a thread of its own. Where there is no thread, or its
//! factory panics, the node does not start and nothing of it is left running.

use std::thread::ThreadId;

use nestling::prelude::*;

use crate::support::{Log, Never, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "where", response = String, error = Never)]
struct Where;

/// Not `Send`: only its factory goes to another thread.
struct Somewhere {
    log: Log,
    _here: std::rc::Rc<()>,
}
impl Somewhere {
    fn new(log: &Log) -> Self {
        log.push(format!("made on {}", thread()));
        Self { log: log.clone(), _here: std::rc::Rc::default() }
    }
}
impl Drop for Somewhere {
    fn drop(&mut self) {
        self.log.push(format!("dropped on {}", thread()));
    }
}
impl Actor for Somewhere {
    type Context = Context<Self>;
}
impl Supervised for Somewhere {}
impl Service for Somewhere {
    const NAME: &'static str = "somewhere";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Where>();
    }
}
impl Handler<Where> for Somewhere {
    type Result = ResponseFuture<Result<String, Never>>;
    fn handle(&mut self, _: Where, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(thread())
        })
    }
}

fn thread() -> String {
    format!("{:?}", std::thread::current().id())
}

/// Runs the service in `placement` and returns the name of its thread.
async fn runs_in(placement: Placement) -> String {
    let log = Log::default();
    let made = log.clone();
    let builder = Node::builder("test").service_on(placement, move |_| Somewhere::new(&made));
    let node = builder.start().await.unwrap();
    let by_client = node.client().send(Where).await.unwrap();
    let by_address = node.addr::<Somewhere>().unwrap().send(Where).await.unwrap().unwrap();
    assert_eq!(by_client, by_address);
    node.shutdown(Duration::from_secs(5)).await;
    until(|| log.lines() == [format!("made on {by_client}"), format!("dropped on {by_client}")]).await;
    by_client
}

#[actix::test]
async fn here_on_an_arbiter_and_on_a_thread_of_its_own() {
    let here = thread();
    assert_eq!(runs_in(Placement::Here).await, here);
    let arbiter = actix::Arbiter::new();
    let (tell, told) = tokio::sync::oneshot::channel::<ThreadId>();
    arbiter.spawn_fn(move || tell.send(std::thread::current().id()).unwrap());
    let of_the_arbiter = format!("{:?}", told.await.unwrap());
    assert_eq!(runs_in(Placement::On(arbiter.handle())).await, of_the_arbiter);
    let own = runs_in(Placement::Dedicated).await;
    assert!(own != here && own != of_the_arbiter, "{own}");
    arbiter.stop();
}

#[actix::test]
async fn an_arbiter_that_has_stopped_is_no_thread() {
    let arbiter = actix::Arbiter::new();
    let handle = arbiter.handle();
    arbiter.stop();
    arbiter.join().unwrap();
    let log = Log::default();
    let made = log.clone();
    let builder = Node::builder("test").service_on(Placement::On(handle), move |_| Somewhere::new(&made));
    let error = builder.start().await.unwrap_err();
    assert!(matches!(&error, StartError::Thread { service, .. } if service == "somewhere"), "{error:?}");
    assert_eq!(log.lines(), [""; 0]);
}

#[derive(Service)]
#[service("broken")]
struct Broken;

#[derive(Service)]
#[service("after")]
struct After;

#[actix::test]
async fn a_factory_that_panics_leaves_nothing_running() {
    for placement in [Placement::Here, Placement::Dedicated] {
        let log = Log::default();
        let made = log.clone();
        let builder = Node::builder("test")
            .service_on(Placement::Dedicated, move |_| Somewhere::new(&made))
            .service_on(placement, |_| -> Broken { panic!("no configuration") })
            .service(After);
        let error = builder.start().await.unwrap_err();
        let StartError::Factory { service, message } = error else { panic!("{error:?}") };
        assert_eq!((service.as_str(), message.as_str()), ("broken", "no configuration"));
        until(|| log.lines().len() == 2).await;
        assert!(log.lines()[1].starts_with("dropped on"), "{:?}", log.lines());
    }
}

#[actix::test]
async fn a_service_whose_arbiter_stops_is_unavailable() {
    let arbiter = actix::Arbiter::new();
    let log = Log::default();
    let made = log.clone();
    let builder =
        Node::builder("test").service_on(Placement::On(arbiter.handle()), move |_| Somewhere::new(&made));
    let node = builder.start().await.unwrap();
    node.client().send(Where).await.unwrap();
    arbiter.stop();
    arbiter.join().unwrap();
    let error = node.client().send(Where).await.unwrap_err();
    assert!(matches!(error, RequestError::Unavailable { .. }), "{error:?}");
    let report = node.shutdown(Duration::from_secs(5)).await;
    assert_eq!((report.drained, report.blocked), (true, vec![]));
}

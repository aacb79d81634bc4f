//! One service, seven events and five requests by `Addr::send`, queued at once: what fails is blamed by name, and all
//! the rest is handled, in order, by the same address.

use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("step.taken")]
struct Step {
    n: u32,
    does: String,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "ask", response = u32, error = Never)]
struct Ask {
    n: u32,
    panics: bool,
}

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("never")]
struct Never;

#[derive(Clone, Default)]
struct Log(std::rc::Rc<std::cell::RefCell<Vec<String>>>);

impl Log {
    fn push(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }
}

struct Worker {
    log: Log,
}

impl Actor for Worker {
    type Context = Context<Self>;
    fn started(&mut self, _: &mut Context<Self>) {
        self.log.push("started");
    }
    fn stopping(&mut self, _: &mut Context<Self>) -> actix::Running {
        self.log.push("stopping");
        actix::Running::Stop
    }
}
impl Supervised for Worker {
    fn restarting(&mut self, _: &mut Context<Self>) {
        self.log.push("restarting");
    }
}
impl Service for Worker {
    const NAME: &'static str = "worker";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Step>().message::<Ask>();
    }
}
impl Handler<Step> for Worker {
    type Result = ResponseActFuture<Self, Result<(), EventError>>;
    fn handle(&mut self, step: Step, _: &mut Context<Self>) -> Self::Result {
        assert!(step.does != "panic", "sync panic");
        let n = step.n;
        let work = async move {
            tokio::task::yield_now().await;
            assert!(step.does != "panic later", "async panic");
            if step.does == "err" { Err(EventError::msg("refused")) } else { Ok(()) }
        };
        Box::pin(work.into_actor(self).map(move |result, actor, _| {
            if result.is_ok() {
                actor.log.push(format!("handled {n}"));
            }
            result
        }))
    }
}
impl Handler<Ask> for Worker {
    type Result = Result<u32, Never>;
    fn handle(&mut self, ask: Ask, _: &mut Context<Self>) -> Self::Result {
        assert!(!ask.panics, "asked to panic");
        Ok(ask.n)
    }
}

#[actix::test]
async fn every_failure_is_blamed_and_the_rest_is_handled() {
    let log = Log::default();
    let node = Node::builder("test").service(Worker { log: log.clone() }).start().await.unwrap();
    let does = ["ok", "panic", "ok", "panic later", "ok", "err", "ok"];
    for (n, does) in (1..).zip(does) {
        node.client().emit(Step { n, does: does.to_owned() });
    }
    let address = node.addr::<Worker>().unwrap();
    let asks: Vec<_> = (0..5).map(|n| address.send(Ask { n, panics: n % 2 == 1 })).collect();
    let mut answers = Vec::new();
    for ask in asks {
        answers.push(ask.await.ok().map(|answer| answer.unwrap()));
    }
    assert_eq!(answers, [Some(0), None, Some(2), None, Some(4)]);

    let report = node.shutdown(Duration::from_secs(5)).await;
    assert!(report.drained, "{report:?}");
    let log = log.0.borrow().clone();
    let handled: Vec<_> = log.iter().filter(|line| line.starts_with("handled")).collect();
    assert_eq!(handled, ["handled 1", "handled 3", "handled 5", "handled 7"], "{log:?}");
    assert_eq!(log.iter().filter(|line| *line == "restarting").count(), 5, "{log:?}");
    assert_eq!(log.iter().filter(|line| *line == "started").count(), 6, "{log:?}");
    assert_eq!(log.last().unwrap(), "stopping", "only the shutdown stops it: {log:?}");
    assert_eq!(log.iter().filter(|line| *line == "stopping").count(), 1, "{log:?}");
    let total = report.stats.total();
    assert_eq!((total.delivered, total.handled, total.dead_lettered), (7, 4, 3));
}

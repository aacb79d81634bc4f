//! Event handlers may return `Result`, `ResponseFuture`, `ResponseActFuture`, or `AtomicResponse`; an error counts in each.

use nestling::prelude::*;

use crate::support::{Log, idle, letters};

struct Kinds(Log<String>);
impl Actor for Kinds {
    type Context = Context<Self>;
}
impl Supervised for Kinds {}
impl Service for Kinds {
    const NAME: &'static str = "kinds";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Sync>().event::<Future>().event::<Act>().event::<Atomic>();
    }
}

fn outcome(ok: bool, kind: &str) -> Result<(), EventError> {
    if ok { Ok(()) } else { Err(EventError::msg(format!("{kind} refused"))) }
}

macro_rules! kind {
    ($event:ident, $pattern:literal, $result:ty, |$this:ident, $ok:ident| $handle:expr) => {
        #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
        #[event_pattern($pattern)]
        struct $event {
            ok: bool,
        }
        impl Handler<$event> for Kinds {
            type Result = $result;
            fn handle(&mut self, event: $event, _: &mut Context<Self>) -> Self::Result {
                let ($this, $ok) = (self, event.ok);
                $handle
            }
        }
    };
}

kind!(Sync, "kind.sync", Result<(), EventError>, |this, ok| {
    this.0.push(format!("sync {ok}"));
    outcome(ok, "sync")
});
kind!(Future, "kind.future", ResponseFuture<Result<(), EventError>>, |this, ok| {
    let log = this.0.clone();
    Box::pin(async move {
        tokio::task::yield_now().await;
        log.push(format!("future {ok}"));
        outcome(ok, "future")
    })
});
kind!(Act, "kind.act", ResponseActFuture<Self, Result<(), EventError>>, |this, ok| {
    Box::pin(tokio::task::yield_now().into_actor(this).map(move |(), this, _| {
        this.0.push(format!("act {ok}"));
        outcome(ok, "act")
    }))
});
kind!(Atomic, "kind.atomic", AtomicResponse<Self, Result<(), EventError>>, |this, ok| {
    AtomicResponse::new(Box::pin(tokio::task::yield_now().into_actor(this).map(move |(), this, _| {
        this.0.push(format!("atomic {ok}"));
        outcome(ok, "atomic")
    })))
});

#[actix::test]
async fn each_is_handled_in_order_and_its_error_is_a_dead_letter() {
    let log = Log::default();
    let node = Node::builder("test").service(Kinds(log.clone())).start().await.unwrap();
    for ok in [true, false] {
        node.client().emit(Atomic { ok });
        node.client().emit(Act { ok });
        node.client().emit(Future { ok });
        node.client().emit(Sync { ok });
    }
    idle(&node).await;
    let kinds = ["atomic", "act", "future", "sync"];
    let expected = [true, false].map(|ok| kinds.map(|kind| format!("{kind} {ok}"))).concat();
    assert_eq!(log.all(), expected);
    let errors: Vec<_> = letters(&node).await.into_iter().map(|it| it.error_message).collect();
    assert_eq!(errors, kinds.map(|kind| format!("{kind} refused")));
    let total = node.stats().total();
    assert_eq!((total.handled, total.dead_lettered), (4, 4));
}

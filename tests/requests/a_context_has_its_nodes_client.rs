//! `ctx.client()` is the node's client in `started`, in intervals and in handlers; outside a node it is a detached one.

use nestling::prelude::*;

use crate::support::{Log, Refused, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "tell", response = (), error = Refused)]
struct Tell;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("told")]
struct Told {
    from: String,
}

struct Teller;
impl Teller {
    fn tell(ctx: &Context<Self>, from: &str) {
        ctx.client().emit(Told { from: from.to_owned() });
    }
}
impl Actor for Teller {
    type Context = Context<Self>;
    fn started(&mut self, ctx: &mut Context<Self>) {
        Self::tell(ctx, "started");
        ctx.run_later(Duration::from_millis(1), |_, ctx| Self::tell(ctx, "later"));
    }
}
impl Supervised for Teller {}
impl Service for Teller {
    const NAME: &'static str = "teller";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Tell>();
    }
}
impl Handler<Tell> for Teller {
    type Result = ResponseActFuture<Self, Result<(), Refused>>;
    fn handle(&mut self, _: Tell, ctx: &mut Context<Self>) -> Self::Result {
        Self::tell(ctx, "handler");
        let client = ctx.client();
        Box::pin(tokio::task::yield_now().into_actor(self).map(move |(), _, ctx| {
            Self::tell(ctx, "async handler");
            client.emit(Told { from: "kept client".into() });
            Ok(())
        }))
    }
}

#[derive(Service)]
#[service("listener", events(Told))]
struct Listener {
    log: Log,
}
impl Handler<Told> for Listener {
    type Result = Result<(), EventError>;
    fn handle(&mut self, told: Told, _: &mut Context<Self>) -> Self::Result {
        self.log.push(told.from);
        Ok(())
    }
}

#[actix::test]
async fn in_started_in_timers_in_handlers_by_client_and_by_address() {
    let log = Log::default();
    // The listener is registered last, and still hears what the first said in `started`.
    let builder = Node::builder("test").service(Teller).service(Listener { log: log.clone() });
    let node = builder.start().await.unwrap();
    until(|| log.lines() == ["started", "later"]).await;
    node.client().send(Tell).await.unwrap();
    node.addr::<Teller>().unwrap().send(Tell).await.unwrap().unwrap();
    let said = ["handler", "async handler", "kept client"];
    until(|| log.lines().len() == 8).await;
    assert_eq!(log.lines()[2..], [said, said].concat());
}

#[actix::test]
async fn outside_a_node_it_goes_nowhere() {
    struct Alone;
    impl Actor for Alone {
        type Context = Context<Self>;
    }
    impl Handler<Tell> for Alone {
        type Result = ResponseFuture<Result<(), Refused>>;
        fn handle(&mut self, _: Tell, ctx: &mut Context<Self>) -> Self::Result {
            let client = ctx.client();
            client.emit(Told { from: "nobody".into() });
            Box::pin(async move {
                let unavailable = client.send(Tell).await;
                assert!(matches!(unavailable, Err(RequestError::Unavailable { .. })), "{unavailable:?}");
                let stopped = client.emit_confirmed(Told { from: "nobody".into() }).await;
                assert!(matches!(stopped, Err(EmitError::Unavailable { .. })), "{stopped:?}");
                Ok(())
            })
        }
    }
    Alone.start().send(Tell).await.unwrap().unwrap();
}

//! What a handler sends inherits the correlation id of what it has in hand, and names that as its cause: over several
//! hops, in synchronous and asynchronous handlers, wherever the client was kept.

use nestling::prelude::*;

use crate::support::{Log, idle};

macro_rules! hop {
    ($($event:ident = $pattern:literal),+) => {
        $(#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
        #[event_pattern($pattern)]
        struct $event;)+
    };
}

hop!(
    First = "hop.first",
    Second = "hop.second",
    Third = "hop.third",
    Fourth = "hop.fourth",
    Scoped = "hop.scoped"
);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("ask", response = String, error = Never)]
struct Ask;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("never")]
struct Never;

/// Route, id, correlation id and causation id.
type Seen = (String, String, String, Option<String>);

struct Chain {
    kept: Client,
    log: Log<Seen>,
}
impl Actor for Chain {
    type Context = Context<Self>;
}
impl Supervised for Chain {}
impl Service for Chain {
    const NAME: &'static str = "chain";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns
            .event::<Delivery<First>>()
            .event::<Delivery<Second>>()
            .event::<Delivery<Third>>()
            .event::<Delivery<Fourth>>()
            .event::<Delivery<Scoped>>()
            .message::<Delivery<Ask>>();
    }
}
impl Chain {
    fn note<P>(&self, hop: &Delivery<P>) {
        let cause = hop.causation_id().map(ToString::to_string);
        self.log.push((
            hop.route().to_string(),
            hop.id().to_string(),
            hop.correlation_id().to_string(),
            cause,
        ));
    }
}
impl Handler<Delivery<First>> for Chain {
    type Result = Result<(), EventError>;
    fn handle(&mut self, hop: Delivery<First>, ctx: &mut Context<Self>) -> Self::Result {
        self.note(&hop);
        ctx.client().emit(Second);
        Ok(())
    }
}
impl Handler<Delivery<Second>> for Chain {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, hop: Delivery<Second>, _: &mut Context<Self>) -> Self::Result {
        self.note(&hop);
        let client = self.kept.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            client.emit(Third);
            Ok(())
        })
    }
}
impl Handler<Delivery<Third>> for Chain {
    type Result = ResponseActFuture<Self, Result<(), EventError>>;
    fn handle(&mut self, hop: Delivery<Third>, _: &mut Context<Self>) -> Self::Result {
        self.note(&hop);
        let asked = self.kept.send(Ask);
        Box::pin(asked.into_actor(self).map(|answer, _, ctx| {
            assert_eq!(answer?, "answered");
            ctx.client().emit(Fourth);
            ctx.client().correlation("of my own").emit(Scoped);
            Ok(())
        }))
    }
}
impl Handler<Delivery<Fourth>> for Chain {
    type Result = Result<(), EventError>;
    fn handle(&mut self, hop: Delivery<Fourth>, _: &mut Context<Self>) -> Self::Result {
        self.note(&hop);
        Ok(())
    }
}
impl Handler<Delivery<Scoped>> for Chain {
    type Result = Result<(), EventError>;
    fn handle(&mut self, hop: Delivery<Scoped>, _: &mut Context<Self>) -> Self::Result {
        self.note(&hop);
        Ok(())
    }
}
impl Handler<Delivery<Ask>> for Chain {
    type Result = Result<String, Never>;
    fn handle(&mut self, ask: Delivery<Ask>, _: &mut Context<Self>) -> Self::Result {
        self.note(&ask);
        Ok("answered".to_owned())
    }
}

#[actix::test]
async fn over_several_hops() {
    let log = Log::default();
    let kept = log.clone();
    let node = Node::builder("test")
        .service_with(move |client| Chain { kept: client, log: kept.clone() })
        .start()
        .await
        .unwrap();
    node.client().correlation("purchase-7").emit(First);
    node.client().emit(Fourth);
    idle(&node).await;

    let all = log.all();
    let of = |route: &str, correlation: &str| {
        all.iter()
            .find(|it| it.0 == route && it.2 == correlation)
            .unwrap_or_else(|| panic!("no {route}: {all:#?}"))
            .clone()
    };
    let first = of("hop.first", "purchase-7");
    assert_eq!(first.3, None);
    let second = of("hop.second", "purchase-7");
    assert_eq!(second.3, Some(first.1), "emitted in a synchronous handler");
    let third = of("hop.third", "purchase-7");
    assert_eq!(third.3, Some(second.1), "emitted in an asynchronous one, by a client kept in `self`");
    assert_eq!(of("ask", "purchase-7").3, Some(third.1.clone()), "sent, not emitted");
    assert_eq!(
        of("hop.fourth", "purchase-7").3,
        Some(third.1.clone()),
        "emitted after an await in the actor"
    );
    assert_eq!(of("hop.scoped", "of my own").3, Some(third.1), "a correlation of its own, and still a cause");

    let apart = all.iter().find(|it| it.0 == "hop.fourth" && it.2 != "purchase-7").unwrap();
    assert_eq!((apart.1.clone(), None), (apart.2.clone(), apart.3.clone()), "emitted from outside");
}

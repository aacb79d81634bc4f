//! What a handler sends carries the correlation id of what it handles, and names it as its cause: through chains of
//! messages and events, in synchronous and asynchronous handlers, whichever client is used.

use nestling::prelude::*;

use crate::support::{Refused, until};

/// The ids that each link of a chain saw, first link first.
type Links = Vec<Link>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Link {
    id: Id,
    correlation: Id,
    causation: Option<Id>,
}

impl Link {
    fn of<P>(delivery: &Delivery<P>) -> Self {
        Self {
            id: delivery.id().clone(),
            correlation: delivery.correlation_id().clone(),
            causation: delivery.causation_id().cloned(),
        }
    }
}

macro_rules! message {
    ($name:ident $cmd:literal) => {
        #[derive(Debug, Serialize, Deserialize, MessagePattern)]
        #[message_pattern(cmd = $cmd, response = Links, error = Refused)]
        struct $name;
    };
}
message!(First "first");
message!(Second "second");
message!(Third "third");

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("chain.ended")]
struct Ended;

/// Keeps a client of its own, made outside any handler.
#[derive(Service)]
#[service("links", messages(Delivery<First>, Delivery<Second>, Delivery<Third>))]
struct Chain {
    kept: Client,
}

impl Handler<Delivery<First>> for Chain {
    type Result = ResponseFuture<Result<Links, Refused>>;
    fn handle(&mut self, message: Delivery<First>, ctx: &mut Context<Self>) -> Self::Result {
        let client = ctx.client();
        Box::pin(async move {
            tokio::task::yield_now().await;
            let rest = client.send(Second).await.map_err(|_| Refused(1))?;
            Ok([vec![Link::of(&message)], rest].concat())
        })
    }
}
impl Handler<Delivery<Second>> for Chain {
    type Result = ResponseActFuture<Self, Result<Links, Refused>>;
    fn handle(&mut self, message: Delivery<Second>, _: &mut Context<Self>) -> Self::Result {
        let kept = self.kept.clone();
        let work = async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let rest = kept.send(Third).await.map_err(|_| Refused(2))?;
            Ok([vec![Link::of(&message)], rest].concat())
        };
        Box::pin(work.into_actor(self))
    }
}
impl Handler<Delivery<Third>> for Chain {
    type Result = Result<Links, Refused>;
    fn handle(&mut self, message: Delivery<Third>, ctx: &mut Context<Self>) -> Self::Result {
        ctx.client().emit(Ended);
        ctx.client().correlation("of its own").emit(Ended);
        Ok(vec![Link::of(&message)])
    }
}

#[derive(Service)]
#[service("ends", events(Delivery<Ended>))]
struct Ends {
    seen: std::sync::Arc<std::sync::Mutex<Links>>,
}
impl Handler<Delivery<Ended>> for Ends {
    type Result = Result<(), EventError>;
    fn handle(&mut self, event: Delivery<Ended>, _: &mut Context<Self>) -> Self::Result {
        self.seen.lock().unwrap().push(Link::of(&event));
        Ok(())
    }
}

#[actix::test]
async fn through_a_chain_of_messages_to_an_event() {
    let seen = std::sync::Arc::<std::sync::Mutex<Links>>::default();
    let ends = Ends { seen: seen.clone() };
    let builder = Node::builder("test").service_with(|kept| Chain { kept }).service(ends);
    let node = builder.start().await.unwrap();
    // Two at once: neither takes up the ids of the other.
    let client = node.client();
    let named = client.correlation("order-17");
    let (links, others) = tokio::join!(named.send(First), client.send(First));
    let (links, others) = (links.unwrap(), others.unwrap());
    for (links, correlation) in [(&links, Id::from("order-17")), (&others, others[0].id.clone())] {
        assert_eq!(links.len(), 3);
        assert!(links.iter().all(|link| link.correlation == correlation), "{links:?}");
        assert_eq!(links[0].causation, None);
        assert_eq!(links[1].causation.as_ref(), Some(&links[0].id));
        assert_eq!(links[2].causation.as_ref(), Some(&links[1].id));
    }
    until(|| seen.lock().unwrap().len() == 4).await;
    let seen = seen.lock().unwrap();
    for links in [&links, &others] {
        let caused = seen.iter().filter(|end| end.causation.as_ref() == Some(&links[2].id));
        let correlations: Vec<_> = caused.map(|end| end.correlation.clone()).collect();
        assert_eq!(correlations, [links[0].correlation.clone(), Id::from("of its own")]);
    }
}

/// Emits from inside a response that pauses it, before an await and after it.
struct Pausing {
    go_on: std::rc::Rc<tokio::sync::Notify>,
}
impl Actor for Pausing {
    type Context = Context<Self>;
}
impl Supervised for Pausing {}
impl Service for Pausing {
    const NAME: &'static str = "pausing";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Delivery<Second>>().message::<Third>();
    }
}
impl Handler<Delivery<Second>> for Pausing {
    type Result = AtomicResponse<Self, Result<Links, Refused>>;
    fn handle(&mut self, message: Delivery<Second>, ctx: &mut Context<Self>) -> Self::Result {
        let (client, go_on) = (ctx.client(), std::rc::Rc::clone(&self.go_on));
        let work = async move {
            for _ in 0..2 {
                client.emit(Ended);
                go_on.notified().await;
            }
            client.emit(Ended);
            vec![Link::of(&message)]
        };
        AtomicResponse::new(Box::pin(work.into_actor(self).map(|links, _, ctx| {
            ctx.client().emit(Ended);
            Ok(links)
        })))
    }
}
impl Handler<Third> for Pausing {
    type Result = Result<Links, Refused>;
    fn handle(&mut self, _: Third, ctx: &mut Context<Self>) -> Self::Result {
        ctx.client().emit(Ended);
        Ok(Vec::new())
    }
}

#[actix::test]
async fn inside_a_response_that_pauses_its_actor_and_not_behind_it() {
    let seen = std::sync::Arc::<std::sync::Mutex<Links>>::default();
    let go_on = std::rc::Rc::<tokio::sync::Notify>::default();
    let service = Pausing { go_on: std::rc::Rc::clone(&go_on) };
    let node =
        Node::builder("test").service(Ends { seen: seen.clone() }).service(service).start().await.unwrap();
    let (client, pausing) = (node.client().correlation("order-18"), node.addr::<Pausing>().unwrap());
    let first = actix::spawn(async move { client.send(Second).await });
    until(|| seen.lock().unwrap().len() == 1).await;
    go_on.notify_one();
    until(|| seen.lock().unwrap().len() == 2).await;
    node.client().emit(Ended);
    // It waits in the mailbox, and is handled in the poll in which the first comes to its end.
    let second = pausing.send(Third);
    go_on.notify_one();
    assert_eq!(second.await.unwrap(), Ok(Vec::new()));
    let first = first.await.unwrap().unwrap().remove(0);
    until(|| seen.lock().unwrap().len() == 6).await;
    let seen = seen.lock().unwrap().clone();
    let (caused, others): (Vec<_>, Vec<_>) = seen.into_iter().partition(|end| end.causation.is_some());
    assert_eq!((caused.len(), others.len()), (4, 2), "{caused:?} {others:?}");
    for end in caused {
        assert_eq!((end.correlation, end.causation), (Id::from("order-18"), Some(first.id.clone())));
    }
    let begin = others.iter().all(|end| end.correlation == end.id);
    assert!(begin, "what was emitted meanwhile, and what the address brought, begin chains: {others:?}");
}

#[actix::test]
async fn a_handler_reached_by_its_address_begins_a_chain() {
    #[derive(Service)]
    #[service("plain", messages(Third))]
    struct Plain;
    impl Handler<Third> for Plain {
        type Result = ResponseFuture<Result<Links, Refused>>;
        fn handle(&mut self, _: Third, ctx: &mut Context<Self>) -> Self::Result {
            let client = ctx.client();
            Box::pin(async move { client.send(Second).await.map_err(|_| Refused(3)) })
        }
    }
    #[derive(Service)]
    #[service("last", messages(Delivery<Second>))]
    struct Last;
    impl Handler<Delivery<Second>> for Last {
        type Result = Result<Links, Refused>;
        fn handle(&mut self, message: Delivery<Second>, _: &mut Context<Self>) -> Self::Result {
            Ok(vec![Link::of(&message)])
        }
    }
    let node = Node::builder("test").service(Plain).service(Last).start().await.unwrap();
    let by_address = node.addr::<Plain>().unwrap().send(Third).await.unwrap().unwrap();
    assert_eq!((&by_address[0].correlation, &by_address[0].causation), (&by_address[0].id, &None));
}

//! A handler that a sender runs finds what it would find in its own task: it may spawn tasks and start actors, wherever
//! on the node's thread the sender is polled, and these go on when the node has gone. What it sends is caused by what it
//! handles, and by nothing that the sender has in hand.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use actix::Message;
use futures::FutureExt;
use nestling::prelude::*;
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use crate::support::{Refused, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "spawn", response = String, error = Refused)]
struct Spawn;

#[derive(Service)]
#[service("spawner", messages(Spawn))]
struct Spawner {
    spawned: Rc<RefCell<Vec<oneshot::Receiver<&'static str>>>>,
}

struct Child(Option<oneshot::Sender<&'static str>>);

impl Actor for Child {
    type Context = Context<Self>;
    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.run_later(Duration::from_millis(20), |child, ctx| {
            let _ = child.0.take().map(|done| done.send("an actor"));
            ctx.stop();
        });
    }
}

impl Handler<Spawn> for Spawner {
    type Result = Result<String, Refused>;
    fn handle(&mut self, _: Spawn, _: &mut Context<Self>) -> Self::Result {
        let (actor, by_actor) = oneshot::channel();
        let (local, by_local) = oneshot::channel();
        let (task, by_task) = oneshot::channel();
        Child(Some(actor)).start();
        actix::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _ = local.send("a local task");
        });
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _ = task.send("a task");
        });
        self.spawned.borrow_mut().extend([by_actor, by_local, by_task]);
        Ok("spawned".to_owned())
    }
}

async fn all(spawned: &RefCell<Vec<oneshot::Receiver<&'static str>>>) -> Vec<&'static str> {
    let spawned = spawned.take();
    futures::future::join_all(spawned).await.into_iter().map(Result::unwrap).collect()
}

const ALL: [&str; 3] = ["an actor", "a local task", "a task"];

#[test]
fn for_a_sender_outside_of_the_nodes_task_set() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let set = LocalSet::new();
    let spawned = Rc::default();
    let spawner = Spawner { spawned: Rc::clone(&spawned) };
    let node = set.block_on(&runtime, async {
        let node = Node::builder("test").service(spawner).start().await.unwrap();
        node.client().send(Spawn).await.unwrap();
        assert_eq!(all(&spawned).await, ALL);
        node
    });
    let client = node.client();
    runtime.block_on(async {
        // The set is polled beside the sender, and the sender not inside of it: here, nothing can be spawned.
        let (tell, told) = oneshot::channel::<()>();
        let driven = set.run_until(told);
        let sender = async {
            assert_eq!(client.send(Spawn).now_or_never(), Some(Ok("spawned".to_owned())), "it was run here");
            let all = all(&spawned).await;
            drop(tell);
            all
        };
        assert_eq!(futures::join!(sender, driven).0, ALL);
    });
    // Nor is there a runtime here, and none to give: it is not run.
    assert_eq!(client.send(Spawn).now_or_never(), None);
    assert!(spawned.borrow().is_empty());
    set.block_on(&runtime, async {
        until(|| node.stats().services[0].requests.unanswered == 1).await;
    });
    let elsewhere = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(
        elsewhere.block_on(async { client.send(Spawn).now_or_never() }),
        None,
        "nor in another runtime"
    );
    set.block_on(&runtime, async {
        assert_eq!(client.send(Spawn).await, Ok("spawned".to_owned()));
        // A task that its handler has spawned outlives the node.
        node.shutdown(Duration::from_secs(5)).await;
        drop(client);
        assert_eq!(all(&spawned).await, ALL);
    });
}

#[test]
fn and_what_it_has_spawned_goes_with_the_nodes_task_set() {
    #[derive(Debug, Serialize, Deserialize, MessagePattern)]
    #[message_pattern(cmd = "keep", response = String, error = Refused)]
    struct Keep;
    /// Spawns a task that has the node itself, and never ends.
    #[derive(Service)]
    #[service("keeper", messages(Keep))]
    struct Keeper {
        kept: Rc<RefCell<Option<Kept>>>,
    }
    type Kept = (Node, oneshot::Sender<()>);
    impl Handler<Keep> for Keeper {
        type Result = Result<String, Refused>;
        fn handle(&mut self, _: Keep, _: &mut Context<Self>) -> Self::Result {
            let kept = self.kept.take();
            actix::spawn(async move {
                let _kept = kept;
                std::future::pending::<()>().await;
            });
            Ok("kept".to_owned())
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let set = LocalSet::new();
    let (tell, mut told) = oneshot::channel();
    set.block_on(&runtime, async {
        let kept = Rc::default();
        let node = Node::builder("test").service(Keeper { kept: Rc::clone(&kept) }).start().await.unwrap();
        let client = node.client();
        client.send(Keep).await.unwrap();
        *kept.borrow_mut() = Some((node, tell));
        assert_eq!(client.send(Keep).now_or_never(), Some(Ok("kept".to_owned())), "it was run here");
    });
    drop(set);
    assert_eq!(
        told.try_recv(),
        Err(oneshot::error::TryRecvError::Closed),
        "the task was dropped, and all it had"
    );
}

/// Sends a request in the midst of being cloned for its handler.
#[derive(Debug, Serialize, Deserialize, EventPattern)]
#[event_pattern("cloned")]
struct AsksWhenCloned {
    #[serde(skip)]
    client: Client,
}

impl Clone for AsksWhenCloned {
    fn clone(&self) -> Self {
        assert_eq!(self.client.send(Spawn).now_or_never(), None, "what is in hand is being read");
        Self { client: self.client.clone() }
    }
}

#[actix::test]
async fn a_payloads_own_code_runs_nobody_and_leaves_nobody_asleep() {
    #[derive(Service)]
    #[service("cloner", events(AsksWhenCloned))]
    struct Cloner;
    impl Handler<AsksWhenCloned> for Cloner {
        type Result = Result<(), EventError>;
        fn handle(&mut self, _: AsksWhenCloned, _: &mut Context<Self>) -> Self::Result {
            Ok(())
        }
    }
    let spawned = Rc::default();
    let spawner = Spawner { spawned: Rc::clone(&spawned) };
    let node = Node::builder("test").service(spawner).service(Cloner).start().await.unwrap();
    let client = node.client();
    client.send(Spawn).await.unwrap();
    client.emit(AsksWhenCloned { client: client.clone() });
    until(|| node.stats().total().handled == 1).await;
    assert_eq!(client.send(Spawn).await, Ok("spawned".to_owned()));
}

#[actix::test]
async fn for_a_sender_in_a_task_of_the_runtime_and_in_another_service() {
    #[derive(Debug, Serialize, Deserialize, MessagePattern)]
    #[message_pattern(cmd = "pass on", response = String, error = Refused)]
    struct PassOn;
    #[derive(Service)]
    #[service("passer", messages(PassOn))]
    struct Passer;
    impl Handler<PassOn> for Passer {
        type Result = ResponseFuture<Result<String, Refused>>;
        fn handle(&mut self, _: PassOn, ctx: &mut Context<Self>) -> Self::Result {
            let client = ctx.client();
            Box::pin(async move { client.send(Spawn).await.map_err(|_| Refused(1)) })
        }
    }
    let spawned = Rc::default();
    let spawner = Spawner { spawned: Rc::clone(&spawned) };
    let node = Node::builder("test").service(spawner).service(Passer).start().await.unwrap();
    let client = node.client();
    assert_eq!(client.send(PassOn).await, Ok("spawned".to_owned()));
    assert_eq!(all(&spawned).await, ALL);
    let sender = tokio::spawn(async move { client.send(Spawn).await });
    assert_eq!(sender.await.unwrap(), Ok("spawned".to_owned()));
    assert_eq!(all(&spawned).await, ALL);
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("heard")]
struct Heard;

/// Plain actix: what handles it has nothing in hand.
#[derive(Message)]
#[rtype(result = "()")]
struct Nudge;

#[actix::test]
async fn and_inherits_nothing_from_its_sender() {
    #[derive(Debug, Serialize, Deserialize, MessagePattern)]
    #[message_pattern(cmd = "outer", response = String, error = Refused)]
    struct Outer;
    #[derive(Debug, Serialize, Deserialize, MessagePattern)]
    #[message_pattern(cmd = "inner", response = String, error = Refused)]
    struct Inner;
    #[derive(Service)]
    #[service("sender", messages(Outer))]
    struct Sender {
        nudged: Rc<RefCell<Option<Addr<Receiver>>>>,
    }
    #[derive(Service)]
    #[service("receiver", messages(Inner))]
    struct Receiver;
    impl Handler<Outer> for Sender {
        type Result = ResponseFuture<Result<String, Refused>>;
        fn handle(&mut self, _: Outer, ctx: &mut Context<Self>) -> Self::Result {
            let (client, receiver) = (ctx.client(), self.nudged.borrow().clone().unwrap());
            Box::pin(async move {
                // It waits in the mailbox, and is handled in the poll that answers the request.
                receiver.do_send(Nudge);
                let inner = client.send(Inner).now_or_never();
                client.emit(Heard);
                inner.expect("it was run here").map_err(|_| Refused(1))
            })
        }
    }
    impl Handler<Inner> for Receiver {
        type Result = Result<String, Refused>;
        fn handle(&mut self, _: Inner, ctx: &mut Context<Self>) -> Self::Result {
            ctx.client().emit(Heard);
            Ok(String::new())
        }
    }
    impl Handler<Nudge> for Receiver {
        type Result = ();
        fn handle(&mut self, _: Nudge, ctx: &mut Context<Self>) {
            ctx.client().emit(Heard);
        }
    }
    let nudged = Rc::default();
    let sender = Sender { nudged: Rc::clone(&nudged) };
    let node = Node::builder("test").service(sender).service(Receiver).start().await.unwrap();
    *nudged.borrow_mut() = node.addr::<Receiver>();
    let seen = Rc::new(RefCell::new(Vec::<(Id, Option<Id>)>::new()));
    let kept = Rc::clone(&seen);
    let subscription =
        node.subscribe::<Heard>(SubscribeOptions::new(), async move |heard: Delivery<Heard>| {
            kept.borrow_mut().push((heard.correlation_id().clone(), heard.causation_id().cloned()));
            Ok(())
        });
    node.client().send(Inner).await.unwrap();
    until(|| seen.borrow().len() == 1).await;
    seen.borrow_mut().clear();
    node.client().correlation("chain").send(Outer).await.unwrap();
    until(|| seen.borrow().len() == 3).await;
    let seen = seen.borrow();
    let [nudge, inner, outer] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(nudge.1, None, "a plain message begins a chain");
    assert_ne!(nudge.0, Id::from("chain"));
    assert_eq!((&inner.0, &outer.0), (&Id::from("chain"), &Id::from("chain")));
    assert!(inner.1.is_some() && outer.1.is_some() && inner.1 != outer.1, "{seen:?}");
    drop(subscription);
}

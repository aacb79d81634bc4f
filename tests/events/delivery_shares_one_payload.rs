//! All who take `Delivery<E>` share one payload; who takes plain `E` gets a clone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nestling::prelude::*;

use crate::support::{Log, idle};

/// Counts how often it is cloned.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Clones(#[serde(skip)] Arc<AtomicU32>);

impl Clone for Clones {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("picture.taken")]
struct PictureTaken {
    clones: Clones,
}

struct Plain(Log<usize>);
impl Actor for Plain {
    type Context = Context<Self>;
}
impl Supervised for Plain {}
impl Service for Plain {
    const NAME: &'static str = "plain";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<PictureTaken>();
    }
}
impl Handler<PictureTaken> for Plain {
    type Result = Result<(), EventError>;
    fn handle(&mut self, picture: PictureTaken, _: &mut Context<Self>) -> Self::Result {
        self.0.push(std::ptr::from_ref(&picture).addr());
        Ok(())
    }
}

#[actix::test]
async fn among_all_who_take_a_delivery() {
    let (addresses, plain) = (Log::default(), Log::default());
    let node = Node::builder("test").service(Plain(plain.clone())).start().await.unwrap();
    let mut subscriptions = Vec::new();
    for _ in 0..8 {
        let log = addresses.clone();
        let handler = async move |picture: Delivery<PictureTaken>| {
            log.push(std::ptr::from_ref(picture.payload()).addr());
            Ok(())
        };
        subscriptions.push(node.subscribe::<PictureTaken>(SubscribeOptions::new(), handler));
    }
    let clones = Clones::default();
    let count = Arc::clone(&clones.0);
    node.client().emit(PictureTaken { clones });
    idle(&node).await;
    let addresses = addresses.all();
    assert_eq!(addresses.len(), 8);
    assert!(addresses.iter().all(|address| *address == addresses[0]), "{addresses:?}");
    assert_ne!(plain.all(), [addresses[0]]);
    assert_eq!(count.load(Ordering::SeqCst), 1, "the plain one's");
}

#[actix::test]
async fn into_inner_clones_only_what_is_shared() {
    let node = Node::builder("test").start().await.unwrap();
    let kept: Log<Delivery<PictureTaken>> = Log::default();
    let log = kept.clone();
    let _subscription = node.subscribe::<PictureTaken>(SubscribeOptions::new(), async move |picture| {
        log.push(picture);
        Ok(())
    });
    let clones = Clones::default();
    let count = Arc::clone(&clones.0);
    node.client().emit(PictureTaken { clones });
    idle(&node).await;
    let copy = kept.all().remove(0);
    assert_eq!(copy.into_inner().clones.0.load(Ordering::SeqCst), 1, "two hold it");
    drop(kept);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

//! Events of one emitter reach one service in the order in which they were emitted, whatever their patterns, one at a
//! time, also in asynchronous handlers and through retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nestling::prelude::*;

use crate::support::{Log, idle};

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("step.slow")]
struct Slow {
    emitter: u32,
    n: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("step.quick")]
struct Quick {
    emitter: u32,
    n: u32,
}

#[derive(Clone, Default)]
struct Ordered {
    seen: Log<(u32, u32)>,
    at_work: Arc<AtomicU32>,
    overlaps: Arc<AtomicU32>,
}
impl Actor for Ordered {
    type Context = Context<Self>;
}
impl Supervised for Ordered {}
impl Service for Ordered {
    const NAME: &'static str = "ordered";
    fn patterns(patterns: &mut Patterns<Self>) {
        let retry = Retry::exponential(2).first_delay(Duration::from_millis(2));
        patterns.event::<Delivery<Slow>>().retry(retry).event::<Quick>();
    }
}
impl Ordered {
    fn begins(&self) {
        if self.at_work.fetch_add(1, Ordering::SeqCst) > 0 {
            self.overlaps.fetch_add(1, Ordering::SeqCst);
        }
    }
    fn ends(&self) {
        self.at_work.fetch_sub(1, Ordering::SeqCst);
    }
}
impl Handler<Delivery<Slow>> for Ordered {
    type Result = ResponseFuture<Result<(), EventError>>;
    fn handle(&mut self, slow: Delivery<Slow>, _: &mut Context<Self>) -> Self::Result {
        let this = self.clone();
        Box::pin(async move {
            this.begins();
            for _ in 0..slow.n % 5 {
                tokio::task::yield_now().await;
            }
            this.ends();
            match (slow.n % 3, slow.attempt()) {
                (0, 1) | (1, 1 | 2) => Err(EventError::msg("once more")),
                _ => {
                    this.seen.push((slow.emitter, slow.n));
                    Ok(())
                }
            }
        })
    }
}
impl Handler<Quick> for Ordered {
    type Result = Result<(), EventError>;
    fn handle(&mut self, quick: Quick, _: &mut Context<Self>) -> Self::Result {
        self.begins();
        self.seen.push((quick.emitter, quick.n));
        self.ends();
        Ok(())
    }
}

fn emit(client: &Client, emitter: u32, events: u32) {
    for n in 0..events {
        if n % 2 == 0 {
            client.emit(Slow { emitter, n });
        } else {
            client.emit(Quick { emitter, n });
        }
    }
}

#[actix::test]
async fn across_patterns_async_and_through_retries() {
    const EVENTS: u32 = 60;
    let ordered = Ordered::default();
    let node = Node::builder("test").service(ordered.clone()).start().await.unwrap();
    let threads: Vec<_> = (1..4)
        .map(|emitter| {
            let client = node.client();
            std::thread::spawn(move || emit(&client, emitter, EVENTS))
        })
        .collect();
    emit(&node.client(), 0, EVENTS);
    for thread in threads {
        thread.join().unwrap();
    }
    idle(&node).await;
    let seen = ordered.seen.all();
    for emitter in 0..4 {
        let of_emitter: Vec<_> = seen.iter().filter(|it| it.0 == emitter).map(|it| it.1).collect();
        assert_eq!(of_emitter, (0..EVENTS).collect::<Vec<_>>(), "emitter {emitter}");
    }
    assert_eq!(ordered.overlaps.load(Ordering::SeqCst), 0, "one at a time");
    assert!(node.stats().total().retried > 0);
}

//! A request ends in time: by the node's default, the call's own timeout, or the service's; also where a thread is
//! blocked. One that was not begun by then never is.

use std::sync::{Arc, Mutex, mpsc};

use nestling::prelude::*;

use crate::support::{Refused, block_on, locally};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "take", response = u64, error = Refused)]
struct Take {
    seconds: u64,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "take_at_most_three", response = u64, error = Refused)]
struct TakeAtMostThree {
    seconds: u64,
}

struct Slow;
impl Actor for Slow {
    type Context = Context<Self>;
}
impl Supervised for Slow {}
impl Service for Slow {
    const NAME: &'static str = "slow";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Take>().message::<TakeAtMostThree>().timeout(Duration::from_secs(3));
    }
}
impl Handler<Take> for Slow {
    type Result = ResponseFuture<Result<u64, Refused>>;
    fn handle(&mut self, Take { seconds }: Take, _: &mut Context<Self>) -> Self::Result {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok(seconds)
        })
    }
}
impl Handler<TakeAtMostThree> for Slow {
    type Result = AtomicResponse<Self, Result<u64, Refused>>;
    fn handle(&mut self, message: TakeAtMostThree, _: &mut Context<Self>) -> Self::Result {
        let work = async move {
            tokio::time::sleep(Duration::from_secs(message.seconds)).await;
            Ok(message.seconds)
        };
        AtomicResponse::new(Box::pin(work.into_actor(self)))
    }
}

/// How long the clock of the test ran while `request` was answered, and its answer.
async fn timed<T>(request: impl Future<Output = T>) -> (T, Duration) {
    let began = tokio::time::Instant::now();
    let answer = request.await;
    (answer, began.elapsed())
}

/// A timeout that somebody has set is kept to within some milliseconds.
fn is_about(took: Duration, wanted: Duration) -> bool {
    took >= wanted && took < wanted + Duration::from_millis(100)
}

/// The node's default is kept to within a quarter of a second.
fn is_roughly(took: Duration, wanted: Duration) -> bool {
    took >= wanted && took < wanted + Duration::from_millis(300)
}

fn timeout(cmd: &str, seconds: u64) -> Result<u64, RequestError<Refused>> {
    let pattern = format!(r#"{{"cmd":"{cmd}"}}"#);
    Err(RequestError::Timeout { pattern, after: Duration::from_secs(seconds) })
}

#[tokio::test(start_paused = true)]
async fn after_the_nodes_default_and_after_the_calls_own() {
    locally(async {
        let node = Node::builder("test").service(Slow).start().await.unwrap();
        let (answer, took) = timed(node.client().send(Take { seconds: 3_600 })).await;
        assert_eq!(answer, timeout("take", 30), "half a minute, if nobody says otherwise");
        assert!(is_roughly(took, Duration::from_secs(30)), "{took:?}");

        let patient = node.client().send(Take { seconds: 3_600 }).timeout(Duration::from_secs(4_000));
        assert_eq!(timed(patient).await.0, Ok(3_600));
        let hasty = node.client().send(Take { seconds: 3_600 }).timeout(Duration::from_secs(1));
        let (answer, took) = timed(hasty).await;
        assert_eq!(answer, timeout("take", 1));
        assert!(is_about(took, Duration::from_secs(1)), "{took:?}");
        assert_eq!(node.stats().services[0].restarts, 0, "an impatient sender is no failure of the service");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn after_the_default_that_the_builder_was_given() {
    locally(async {
        let node = Node::builder("test")
            .service(Slow)
            .request_timeout(Duration::from_secs(5))
            .start()
            .await
            .unwrap();
        let (answer, took) = timed(node.client().send(Take { seconds: 3_600 })).await;
        assert_eq!(answer, timeout("take", 5));
        assert!(is_roughly(took, Duration::from_secs(5)), "{took:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn after_the_services_own_which_is_a_failure_of_the_service() {
    locally(async {
        let node = Node::builder("test").service(Slow).start().await.unwrap();
        let client = node.client();
        let (answer, took) = timed(client.send(TakeAtMostThree { seconds: 20 })).await;
        assert_eq!(answer, timeout("take_at_most_three", 3));
        assert!(is_about(took, Duration::from_secs(3)), "{took:?}");
        assert_eq!(client.send(TakeAtMostThree { seconds: 2 }).await, Ok(2));
        assert_eq!(node.stats().services[0].restarts, 1);
    })
    .await;
}

struct Blocker {
    gate: mpsc::Receiver<()>,
    begun: Begun,
}

/// The requests that have reached their handler.
type Begun = Arc<Mutex<Vec<u64>>>;

impl Actor for Blocker {
    type Context = Context<Self>;
}
impl Supervised for Blocker {}
impl Service for Blocker {
    const NAME: &'static str = "blocker";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Take>();
    }
}
impl Handler<Take> for Blocker {
    type Result = Result<u64, Refused>;
    fn handle(&mut self, Take { seconds }: Take, _: &mut Context<Self>) -> Self::Result {
        self.begun.lock().unwrap().push(seconds);
        let _ = self.gate.recv();
        Ok(seconds)
    }
}

/// Both requests: the one in the hands of the handler, and the one behind it.
async fn two_time_out(client: &Client) {
    let after = Duration::from_millis(50);
    let (first, second) = tokio::join!(
        client.send(Take { seconds: 1 }).timeout(after),
        client.send(Take { seconds: 2 }).timeout(after)
    );
    for answer in [first, second] {
        let pattern = r#"{"cmd":"take"}"#.to_owned();
        assert_eq!(answer, Err(RequestError::Timeout { pattern, after }));
    }
}

#[actix::test]
async fn of_a_service_that_blocks_its_own_thread() {
    let (open, gate) = mpsc::channel();
    let (gate, begun) = (Mutex::new(Some(gate)), Begun::default());
    let seen = Arc::clone(&begun);
    let make = move |_| Blocker { gate: gate.lock().unwrap().take().unwrap(), begun: Arc::clone(&seen) };
    let node = Node::builder("test").service_on(Placement::Dedicated, make).start().await.unwrap();
    two_time_out(&node.client()).await;
    drop(open);
    assert_eq!(node.client().send(Take { seconds: 3 }).await, Ok(3), "it goes on when its thread is free");
    assert_eq!(*begun.lock().unwrap(), [1, 3], "what was queued is not begun any more");
}

#[actix::test]
async fn of_a_service_that_blocks_the_nodes_thread() {
    let (open, gate) = mpsc::channel();
    let begun = Begun::default();
    let blocker = Blocker { gate, begun: Arc::clone(&begun) };
    let node = Node::builder("test").service(blocker).start().await.unwrap();
    let client = node.client();
    let sender = std::thread::spawn(move || {
        block_on(two_time_out(&client));
        drop(open);
        block_on(client.send(Take { seconds: 3 }))
    });
    let answered = tokio::task::spawn_blocking(|| sender.join().unwrap()).await.unwrap();
    assert_eq!(answered, Ok(3));
    assert_eq!(*begun.lock().unwrap(), [1, 3], "what was queued is not begun any more");
}

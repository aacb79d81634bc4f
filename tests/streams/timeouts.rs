//! A caller's timeout is for the first item; the service's own is for the whole stream.

use nestling::prelude::*;

use crate::support::{Refused, Seen, StreamExt, Then, count, counter, in_flight, locally, slowly, until};

const SECOND: Duration = Duration::from_secs(1);

fn timeout(pattern: &str, after: Duration) -> Option<Result<u32, RequestError<Refused>>> {
    Some(Err(RequestError::Timeout { pattern: pattern.to_owned(), after }))
}

#[tokio::test(start_paused = true)]
async fn of_the_caller_until_the_first_item() {
    locally(async {
        let (node, seen) = counter().await;
        let client = node.client();
        let began = tokio::time::Instant::now();
        let mut late = client.stream(slowly(1, Then::End, 10 * SECOND)).timeout(SECOND);
        assert_eq!(late.next().await, timeout("count", SECOND));
        assert!(began.elapsed() < 2 * SECOND, "{:?}", began.elapsed());
        assert_eq!(late.next().await, None);
        until(|| seen.dropped() == (1, 1) && in_flight(&node) == 0).await;

        let empty = client.stream(slowly(0, Then::Wait, 10 * SECOND));
        assert_eq!(empty.timeout(11 * SECOND).next().await, timeout("count", 11 * SECOND));
        assert_eq!(node.stats().services[0].restarts, 0, "an impatient caller is no failure of the service");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn of_the_node_until_the_first_item() {
    locally(async {
        let (node, _) = counter().await;
        let mut late = node.client().stream(slowly(1, Then::End, 100 * SECOND));
        assert_eq!(late.next().await, timeout("count", 30 * SECOND));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn there_is_none_between_items() {
    locally(async {
        let (node, _) = counter().await;
        let client = node.client();
        for stream in [
            client.stream(slowly(3, Then::End, 20 * SECOND)),
            client.stream(slowly(3, Then::End, 3_600 * SECOND)).timeout(3_601 * SECOND),
            client.stream(slowly(3, Then::Fail, SECOND)).timeout(SECOND + SECOND / 10),
        ] {
            let read: Vec<_> = stream.take(3).collect().await;
            assert_eq!(read, [Ok(0), Ok(1), Ok(2)]);
        }
        // A reader that comes late finds what was made in time.
        let mut stream = client.stream(count(2, Then::End)).timeout(SECOND);
        assert!(futures::poll!(stream.next()).is_pending());
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(stream.collect::<Vec<_>>().await, [Ok(0), Ok(1)]);
    })
    .await;
}

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("count_for_three_seconds", item = u32, error = Refused)]
struct CountBriefly(crate::support::Count);

struct Brief(Seen);
impl Actor for Brief {
    type Context = Context<Self>;
}
impl Supervised for Brief {}
impl Service for Brief {
    const NAME: &'static str = "brief";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.stream::<CountBriefly>().timeout(3 * SECOND);
    }
}
impl Handler<CountBriefly> for Brief {
    type Result = ResponseStream<u32, Refused>;
    fn handle(&mut self, CountBriefly(count): CountBriefly, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::new(count.run(&self.0))
    }
}

#[tokio::test(start_paused = true)]
async fn of_the_service_until_the_end() {
    locally(async {
        let seen = Seen::default();
        let node = Node::builder("test").service(Brief(seen.clone())).start().await.unwrap();
        let client = node.client();
        let began = tokio::time::Instant::now();
        let stream = client.stream(CountBriefly(slowly(100, Then::End, 2 * SECOND)));
        let read: Vec<_> = stream.collect().await;
        assert_eq!(read[..1], [Ok(0)]);
        assert_eq!(read.get(1).cloned(), timeout("count_for_three_seconds", 3 * SECOND));
        assert!(began.elapsed() < 4 * SECOND, "{:?}", began.elapsed());
        assert_eq!((node.stats().services[0].restarts, seen.dropped()), (1, (1, 1)));
        let in_time = client.stream(CountBriefly(slowly(1, Then::End, SECOND)));
        assert_eq!(in_time.collect::<Vec<_>>().await, [Ok(0)]);
    })
    .await;
}

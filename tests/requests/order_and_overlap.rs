//! Requests are started in the order in which they were sent, and overlap: a slow one does not hold up the next.

use nestling::prelude::*;

use crate::support::{Log, Refused, locally};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "rest", response = u64, error = Refused)]
struct Rest {
    seconds: u64,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "look", response = u64, error = Refused)]
struct Look;

#[derive(Service)]
#[service("sleeper", messages(Rest, Look))]
struct Sleeper {
    log: Log,
}

impl Handler<Rest> for Sleeper {
    type Result = ResponseActFuture<Self, Result<u64, Refused>>;
    fn handle(&mut self, Rest { seconds }: Rest, _: &mut Context<Self>) -> Self::Result {
        self.log.push(format!("begin {seconds}"));
        let sleep = tokio::time::sleep(Duration::from_secs(seconds));
        Box::pin(sleep.into_actor(self).map(move |(), sleeper, _| {
            sleeper.log.push(format!("end {seconds}"));
            Ok(seconds)
        }))
    }
}
impl Handler<Look> for Sleeper {
    type Result = Result<u64, Refused>;
    fn handle(&mut self, _: Look, _: &mut Context<Self>) -> Self::Result {
        self.log.push("look");
        Ok(0)
    }
}

#[tokio::test(start_paused = true)]
async fn begun_in_order_and_finished_as_they_are_ready() {
    locally(async {
        let log = Log::default();
        let node = Node::builder("test").service(Sleeper { log: log.clone() }).start().await.unwrap();
        let client = node.client();
        let began = tokio::time::Instant::now();
        let answers = tokio::join!(
            client.send(Rest { seconds: 3 }),
            client.send(Rest { seconds: 1 }),
            client.send(Look),
            client.send(Rest { seconds: 2 }),
        );
        assert_eq!(answers, (Ok(3), Ok(1), Ok(0), Ok(2)));
        assert_eq!(began.elapsed().as_secs(), 3, "they overlap");
        assert_eq!(log.lines(), ["begin 3", "begin 1", "look", "begin 2", "end 1", "end 2", "end 3"]);
    })
    .await;
}

//! Two nodes in one process, of the same services, on one thread: neither's messages and events reach the other.

use nestling::prelude::*;

use crate::support::{Log, Never};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "note", response = (), error = Never)]
struct Note {
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("noted")]
struct Noted {
    text: String,
}

#[derive(Service)]
#[service("notes", messages(Note), events(Noted))]
struct Notes {
    log: Log,
}
impl Handler<Note> for Notes {
    type Result = ResponseFuture<Result<(), Never>>;
    fn handle(&mut self, Note { text }: Note, ctx: &mut Context<Self>) -> Self::Result {
        let client = ctx.client();
        Box::pin(async move {
            tokio::task::yield_now().await;
            client.emit(Noted { text });
            Ok(())
        })
    }
}
impl Handler<Noted> for Notes {
    type Result = Result<(), EventError>;
    fn handle(&mut self, Noted { text }: Noted, _: &mut Context<Self>) -> Self::Result {
        self.log.push(text);
        Ok(())
    }
}

#[actix::test]
async fn of_the_same_services_on_one_thread() {
    let (left_log, right_log) = (Log::default(), Log::default());
    let left = Node::builder("left").service(Notes { log: left_log.clone() }).start().await.unwrap();
    let right = Node::builder("right").service(Notes { log: right_log.clone() }).start().await.unwrap();
    let (left_client, right_client) = (left.client(), right.client());
    for n in 0..3 {
        let (a, b) = tokio::join!(
            left_client.send(Note { text: format!("left {n}") }),
            right_client.send(Note { text: format!("right {n}") }),
        );
        assert_eq!((a, b), (Ok(()), Ok(())));
    }
    let report = left.shutdown(Duration::from_secs(5)).await;
    assert_eq!((report.stats.emitted, report.stats.total().handled), (3, 3));
    right_client.send(Note { text: "right 3".into() }).await.unwrap();
    right.shutdown(Duration::from_secs(5)).await;
    assert_eq!(left_log.lines(), ["left 0", "left 1", "left 2"]);
    assert_eq!(right_log.lines(), ["right 0", "right 1", "right 2", "right 3"]);
}

//! A service's mailbox has no capacity in actix's sense, so it keeps its order: actix itself lets `do_send` overtake
//! what `send` holds back beyond 16 messages.

use futures::future::join_all;
use nestling::prelude::*;

use crate::support::{Log, Refused};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "note", response = (), error = Refused)]
struct Note(u32);

#[derive(Service)]
#[service("notes", messages(Note))]
struct Notes {
    log: Log,
}

impl Handler<Note> for Notes {
    type Result = Result<(), Refused>;
    fn handle(&mut self, Note(n): Note, _: &mut Context<Self>) -> Self::Result {
        self.log.push(n.to_string());
        Ok(())
    }
}

#[actix::test]
async fn of_sends_and_do_sends_also_after_a_clone_of_the_address() {
    let log = Log::default();
    let node = Node::builder("test").service(Notes { log: log.clone() }).start().await.unwrap();
    let address = node.addr::<Notes>().unwrap();
    let mut sent: Vec<_> = (1..=20).map(|n| address.send(Note(n))).collect();
    (21..=23).for_each(|n| address.do_send(Note(n)));
    sent.push(address.clone().send(Note(24)));
    for answer in join_all(sent).await {
        assert_eq!(answer.unwrap(), Ok(()));
    }
    let expected: Vec<_> = (1..=24).map(|n: u32| n.to_string()).collect();
    assert_eq!(log.lines(), expected);
}

//! A node's dead letters are listed with filters and in pages, grouped, read one by one, discarded, and streamed.

use nestling::prelude::*;

use crate::support::{Mail, MailDue, idle, letters, node};

#[actix::test]
async fn listed_grouped_read_discarded_and_streamed() {
    let node = node().service(Mail::broken()).start().await.unwrap();
    let _panics =
        node.subscribe::<MailDue>(SubscribeOptions::new().name("panics"), async |mail: Delivery<MailDue>| {
            if mail.n == 0 { panic!("no") } else { Ok(()) }
        });
    let mut stream = node.dead_letters().stream();
    for n in 0..3 {
        node.client().emit(MailDue { n });
    }
    idle(&node).await;
    let all = letters(&node, Filter::new()).await;
    assert_eq!(all.len(), 4, "{all:#?}");
    let dead_letters = node.dead_letters();

    let of_mail = letters(&node, Filter::new().service("mail").reason(Reason::HandlerError)).await;
    assert_eq!(of_mail.len(), 3);
    let first = dead_letters.list(Filter::new().service("mail").limit(2)).await.unwrap();
    let rest = dead_letters
        .list(Filter::new().service("mail").limit(2).after(first.next.clone().unwrap()))
        .await
        .unwrap();
    let newest_first: Vec<_> = first.letters.iter().chain(&rest.letters).map(|it| it.payload.get()).collect();
    assert_eq!(newest_first, [r#"{"n":2}"#, r#"{"n":1}"#, r#"{"n":0}"#]);
    assert_eq!(rest.next, None);

    let groups = dead_letters.groups(Filter::new()).await.unwrap();
    let sizes: Vec<_> = groups.iter().map(|it| (it.service.as_str(), it.reason, it.count)).collect();
    assert_eq!(sizes, [("mail", Reason::HandlerError, 3), ("panics", Reason::Panic, 1)]);
    assert_eq!(letters(&node, Filter::new().fingerprint(groups[1].fingerprint.clone())).await.len(), 1);

    let one = dead_letters.get(&of_mail[0].id).await.unwrap().unwrap();
    assert_eq!(one.event_id, of_mail[0].event_id);
    assert!(dead_letters.get(&Id::new()).await.unwrap().is_none());

    dead_letters.discard(&one.id).await.unwrap();
    assert_eq!(dead_letters.get(&one.id).await.unwrap().unwrap().status, Status::Discarded);
    assert!(dead_letters.replay(&one.id).await.is_err(), "a discarded one is not replayed");
    assert_eq!(dead_letters.discard_matching(Filter::new().service("mail")).await, Ok(2));

    let mut streamed = Vec::new();
    for _ in 0..4 {
        streamed.push(stream.next().await.unwrap().id.clone());
    }
    let mut expected: Vec<_> = all.into_iter().map(|it| it.id).collect();
    streamed.sort();
    expected.sort();
    assert_eq!(streamed, expected);
    node.shutdown(Duration::from_secs(1)).await;
    assert!(stream.next().await.is_none(), "it ends with the node");
}

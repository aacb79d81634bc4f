//! The service's own error ends a stream: what it would make afterwards is never asked for.

use nestling::prelude::*;

use crate::support::{Refused, StreamExt, Then, count, counter};

#[actix::test]
async fn after_the_items_before_it() {
    let (node, seen) = counter().await;
    // The stream itself would go on failing for ever.
    for items in [0, 3, 15, 16, 40] {
        let made = seen.made();
        let mut stream = node.client().stream(count(items, Then::Fail));
        let mut expected: Vec<_> = (0..items).map(Ok).collect();
        expected.push(Err(RequestError::Handler(Refused(items))));
        assert_eq!(stream.by_ref().collect::<Vec<_>>().await, expected);
        assert_eq!(stream.next().await, None);
        assert_eq!(seen.made() - made, items + 1);
    }
    assert_eq!(seen.dropped(), (5, 5));
    let counter = &node.stats().services[0];
    assert_eq!((counter.requests.answered, counter.requests.unanswered), (5, 0), "an error is an answer");
    assert_eq!(counter.restarts, 0, "and no failure of the service");
}

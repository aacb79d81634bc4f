//! What a stream sends while it is polled carries the correlation id of its request, and names it as its cause, at
//! every item.

use nestling::prelude::*;

use crate::support::{Refused, StreamExt};

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("links", item = Link, error = Refused)]
struct Links;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("link", response = Link, error = Refused)]
struct GetLink;

/// Correlation and causation, and a header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Link(Id, Option<Id>, Option<String>);

impl Link {
    fn of<P>(delivery: &Delivery<P>) -> Self {
        let header = delivery.metadata().header("tenant").map(ToString::to_string);
        Self(delivery.correlation_id().clone(), delivery.causation_id().cloned(), header)
    }
}

#[derive(Service)]
#[service("linker", messages(Delivery<GetLink>), streams(Delivery<Links>))]
struct Linker {
    kept: Client,
}

impl Handler<Delivery<GetLink>> for Linker {
    type Result = Result<Link, Refused>;
    fn handle(&mut self, message: Delivery<GetLink>, _: &mut Context<Self>) -> Self::Result {
        Ok(Link::of(&message))
    }
}

impl Handler<Delivery<Links>> for Linker {
    type Result = ResponseStream<Link, Refused>;
    fn handle(&mut self, links: Delivery<Links>, _: &mut Context<Self>) -> Self::Result {
        let kept = self.kept.clone();
        let first = futures::stream::iter([Ok(Link::of(&links)), Ok(Link(links.id().clone(), None, None))]);
        ResponseStream::new(first.chain(futures::stream::unfold(kept, |kept| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let link = kept.send(GetLink).await.map_err(|_| Refused(0));
            Some((link, kept))
        })))
    }
}

#[actix::test]
async fn of_the_request_and_not_of_what_runs_beside_it() {
    let make = |client| Linker { kept: client };
    let node = Node::builder("test").service_with(make).start().await.unwrap();
    let read = async |name: &str| {
        let client = node.client().correlation(name).header("tenant", name);
        let mut stream = client.stream(Links).map(Result::unwrap);
        let request = stream.next().await.unwrap();
        assert_eq!(request, Link(Id::from(name), None, Some(name.to_owned())));
        let Link(id, ..) = stream.next().await.unwrap();
        let expected = Link(Id::from(name), Some(id), None);
        assert_eq!(stream.take(5).collect::<Vec<_>>().await, vec![expected; 5]);
    };
    tokio::join!(read("one"), read("two"), read("three"));
}

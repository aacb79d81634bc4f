//! Responses of many items, where a NestJS handler returns an Observable.

use futures::{Stream, StreamExt, stream};
use nestling::ResponseStream;
use nestling::prelude::*;

use super::Anything;

const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("stream", item = u32, error = RpcError)]
pub(crate) struct AtOnce(Anything);

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("promiseobs", item = String, error = RpcError)]
pub(crate) struct Letters(Anything);

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("asyncstream", item = u32, error = RpcError)]
pub(crate) struct OneByOne(Anything);

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("empty", item = u32, error = RpcError)]
pub(crate) struct Empty(Anything);

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("streamerr", item = u32, error = RpcError)]
pub(crate) struct FailsAtOnce(Anything);

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("asyncstreamerr", item = u32, error = RpcError)]
pub(crate) struct FailsLater(Anything);

#[derive(Service)]
#[service("streams", streams(AtOnce, Letters, OneByOne, Empty, FailsAtOnce, FailsLater))]
pub(crate) struct Streams;

impl Handler<AtOnce> for Streams {
    type Result = ResponseStream<u32, RpcError>;

    fn handle(&mut self, _: AtOnce, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::of([1, 2, 3])
    }
}

impl Handler<Letters> for Streams {
    type Result = ResponseStream<String, RpcError>;

    fn handle(&mut self, _: Letters, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::of(["a", "b"].map(String::from))
    }
}

impl Handler<OneByOne> for Streams {
    type Result = ResponseStream<u32, RpcError>;

    fn handle(&mut self, _: OneByOne, _: &mut Context<Self>) -> Self::Result {
        let items = stream::iter(1..=3).then(|number| async move {
            tokio::time::sleep(PAUSE).await;
            Ok(number)
        });
        ResponseStream::new(items.chain(pause()))
    }
}

impl Handler<Empty> for Streams {
    type Result = ResponseStream<u32, RpcError>;

    fn handle(&mut self, _: Empty, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::empty()
    }
}

impl Handler<FailsAtOnce> for Streams {
    type Result = ResponseStream<u32, RpcError>;

    fn handle(&mut self, _: FailsAtOnce, _: &mut Context<Self>) -> Self::Result {
        ResponseStream::new(stream::iter([Ok(1), Err(RpcError::new("mid"))]))
    }
}

impl Handler<FailsLater> for Streams {
    type Result = ResponseStream<u32, RpcError>;

    fn handle(&mut self, _: FailsLater, _: &mut Context<Self>) -> Self::Result {
        let error = stream::once(std::future::ready(Err(RpcError::new("mid"))));
        ResponseStream::new(stream::iter([Ok(1)]).chain(pause()).chain(error))
    }
}

/// No item, but after a while.
fn pause<T>() -> impl Stream<Item = T> {
    stream::once(tokio::time::sleep(PAUSE)).filter_map(|()| std::future::ready(None))
}

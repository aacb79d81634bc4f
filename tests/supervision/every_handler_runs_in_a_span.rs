//! What a handler logs is in a span that says whose handler it is, for which pattern and which id; after an await too.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use nestling::prelude::*;
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id as SpanId};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context as LayerContext, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("span.event")]
struct Heard;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("span.message", response = String, error = RpcError)]
struct Asked;

struct Talker;

impl Actor for Talker {
    type Context = Context<Self>;
}

impl Supervised for Talker {}

impl Service for Talker {
    const NAME: &'static str = "talker";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Heard>().message::<Delivery<Asked>>();
    }
}

impl Handler<Heard> for Talker {
    type Result = Result<(), EventError>;

    fn handle(&mut self, _: Heard, _: &mut Context<Self>) -> Self::Result {
        tracing::info!("inside");
        Ok(())
    }
}

impl Handler<Delivery<Asked>> for Talker {
    type Result = ResponseFuture<Result<String, RpcError>>;

    fn handle(&mut self, asked: Delivery<Asked>, _: &mut Context<Self>) -> Self::Result {
        tracing::info!("inside");
        Box::pin(async move {
            tokio::task::yield_now().await;
            tracing::info!("inside");
            Ok(asked.id().to_string())
        })
    }
}

#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// The fields of every span.
    spans: HashMap<u64, String>,
    /// Those of the spans in which a handler here has logged something.
    inside: Vec<String>,
    /// How many spans were made that have a parent.
    children: usize,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, span: &Attributes<'_>, id: &SpanId, context: LayerContext<'_, S>) {
        let mut line = Line(span.metadata().name().to_owned());
        span.record(&mut line);
        let mut seen = self.0.lock().unwrap();
        seen.spans.insert(id.into_u64(), line.0);
        seen.children += usize::from(context.span(id).is_some_and(|span| span.parent().is_some()));
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: LayerContext<'_, S>) {
        if event.metadata().target() == module_path!() {
            let span = context.current_span().id().map(SpanId::into_u64);
            let Seen { spans, inside, .. } = &mut *self.0.lock().unwrap();
            inside.push(span.and_then(|span| spans.get(&span).cloned()).unwrap_or_default());
        }
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

#[actix::test]
async fn of_an_event_and_of_a_message() {
    let spans = Spans::default();
    // While there is but one, tracing asks only the thread that comes to a span first, which may be another test's.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let _collected = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    let node = Node::builder("spans").service(Talker).start().await.unwrap();
    let id = node.client().send(Asked).await.unwrap();
    node.client().emit_confirmed(Heard).await.unwrap();
    crate::support::until("it has been heard", || node.stats().total().handled == 1).await;
    let inside = spans.0.lock().unwrap().inside.clone();
    let [begun, resumed, heard] = inside.as_slice() else { panic!("{inside:?}") };
    assert_eq!(begun, resumed);
    let of_the_message = format!(
        r#"handle service="talker" pattern="span.message" kind="message" id={id} attempt=1 correlation_id={id}"#
    );
    assert_eq!(*begun, of_the_message);
    assert!(heard.starts_with(r#"handle service="talker" pattern="span.event" kind="event" id="#), "{heard}");
    // Nor is it one of the sender's, which runs the handler.
    let first = tracing::info_span!("sender").in_scope(|| node.client().send(Asked).now_or_never());
    assert_eq!(first, None, "it was begun, and yields");
    let seen = spans.0.lock().unwrap();
    assert_eq!((seen.inside.len(), seen.children), (4, 0), "{:?}", seen.inside);
    assert!(
        seen.inside[3].starts_with(r#"handle service="talker" pattern="span.message""#),
        "{:?}",
        seen.inside
    );
}

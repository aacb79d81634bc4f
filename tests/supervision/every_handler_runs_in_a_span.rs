//! What a handler logs is in a span that says whose handler it is, for which pattern, id and attempt, and with which
//! correlation id; in each kind of response, and after an await too.

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

/// Logs what its span should say.
fn inside<P>(kind: &str, it: &Delivery<P>) {
    let (pattern, id, correlation_id) = (it.route().as_str(), it.id(), it.correlation_id());
    tracing::info!(pattern, kind, %id, attempt = it.attempt(), %correlation_id);
}

/// An event's first attempt fails.
fn outcome<P, E: From<RpcError>>(kind: &str, it: &Delivery<P>) -> Result<(), E> {
    if kind == "event" && it.attempt() == 1 { Err(RpcError::new("not yet").into()) } else { Ok(()) }
}

async fn later<P, E: From<RpcError>>(kind: &'static str, it: Delivery<P>) -> Result<(), E> {
    tokio::task::yield_now().await;
    inside(kind, &it);
    outcome(kind, &it)
}

struct Talker;

impl Actor for Talker {
    type Context = Context<Self>;
}

impl Supervised for Talker {}

impl Service for Talker {
    const NAME: &'static str = "talker";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<Heard>>().retry(Retry::immediate(1));
        patterns.event::<Delivery<HeardFuture>>().retry(Retry::immediate(1));
        patterns.event::<Delivery<HeardAct>>().retry(Retry::immediate(1));
        patterns.event::<Delivery<HeardAtomic>>().retry(Retry::immediate(1));
        patterns.message::<Delivery<AskedFuture>>().message::<Delivery<AskedAct>>();
        patterns.message::<Delivery<AskedAtomic>>();
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("heard")]
struct Heard;

impl Handler<Delivery<Heard>> for Talker {
    type Result = Result<(), EventError>;

    fn handle(&mut self, heard: Delivery<Heard>, _: &mut Context<Self>) -> Self::Result {
        inside("event", &heard);
        outcome("event", &heard)
    }
}

type Act<R> = ResponseActFuture<Talker, R>;
type Atomic<R> = AtomicResponse<Talker, R>;

macro_rules! talks {
    ($($heard:ident $topic:literal, $asked:ident $cmd:literal: $form:ident, |$talker:ident, $later:ident| $response:expr;)+) => {$(
        #[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
        #[event_pattern($topic)]
        struct $heard;

        #[derive(Debug, Serialize, Deserialize, MessagePattern)]
        #[message_pattern($cmd, response = (), error = RpcError)]
        struct $asked;

        impl Handler<Delivery<$heard>> for Talker {
            type Result = $form<Result<(), EventError>>;

            fn handle(&mut self, heard: Delivery<$heard>, _: &mut Context<Self>) -> Self::Result {
                inside("event", &heard);
                let ($talker, $later) = (self, later("event", heard));
                $response
            }
        }

        impl Handler<Delivery<$asked>> for Talker {
            type Result = $form<Result<(), RpcError>>;

            fn handle(&mut self, asked: Delivery<$asked>, _: &mut Context<Self>) -> Self::Result {
                inside("message", &asked);
                let ($talker, $later) = (self, later("message", asked));
                $response
            }
        }
    )+};
}

talks! {
    HeardFuture "heard.future", AskedFuture "asked.future": ResponseFuture, |_talker, later| Box::pin(later);
    HeardAct "heard.act", AskedAct "asked.act": Act, |talker, later| Box::pin(later.into_actor(talker));
    HeardAtomic "heard.atomic", AskedAtomic "asked.atomic": Atomic, |talker, later| {
        AtomicResponse::new(Box::pin(later.into_actor(talker)))
    };
}

#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// The fields of every span.
    spans: HashMap<u64, String>,
    /// What the handlers here have logged, and the fields of the spans in which they did.
    inside: Vec<(String, String)>,
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
            let mut said = Line(String::new());
            event.record(&mut said);
            let span = context.current_span().id().map(SpanId::into_u64);
            let Seen { spans, inside, .. } = &mut *self.0.lock().unwrap();
            let span = span.and_then(|span| spans.get(&span).cloned());
            inside.push((said.0, span.unwrap_or_default()));
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
async fn of_events_and_of_messages_in_each_attempt() {
    let spans = Spans::default();
    // While there is but one, tracing asks only the thread that comes to a span first, which may be another test's.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let _collected = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    let node = Node::builder("spans").service(Talker).start().await.unwrap();
    // A correlation id that is no item's own id.
    let client = node.client().correlation("errand");
    client.send(AskedFuture).await.unwrap();
    client.send(AskedAct).await.unwrap();
    client.send(AskedAtomic).await.unwrap();
    client.emit(Heard);
    client.emit(HeardFuture);
    client.emit(HeardAct);
    client.emit(HeardAtomic);
    crate::support::until("all are handled", || node.stats().total().handled == 4).await;
    let inside = spans.0.lock().unwrap().inside.clone();
    for (said, span) in &inside {
        assert!(said.ends_with(" correlation_id=errand"), "{said}");
        assert_eq!(*span, format!(r#"handle service="talker"{said}"#));
    }
    let lines = |pattern: &str, kind: &str, attempt: u32| {
        let (said, attempt) =
            (format!(r#" pattern="{pattern}" kind="{kind}" id="#), format!(" attempt={attempt} "));
        inside.iter().filter(|(line, _)| line.starts_with(&said) && line.contains(&attempt)).count()
    };
    for form in ["future", "act", "atomic"] {
        assert_eq!(
            lines(&format!("asked.{form}"), "message", 1),
            2,
            "before and after the await: {inside:?}"
        );
        for attempt in 1..=2 {
            assert_eq!(lines(&format!("heard.{form}"), "event", attempt), 2, "{inside:?}");
        }
    }
    assert_eq!([1, 2].map(|attempt| lines("heard", "event", attempt)), [1, 1], "{inside:?}");
    assert_eq!(inside.len(), 20, "{inside:?}");
}

#[actix::test]
async fn which_is_none_of_the_senders_that_runs_it() {
    let spans = Spans::default();
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let _collected = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    let node = Node::builder("spans").service(Talker).start().await.unwrap();
    node.client().send(AskedFuture).await.unwrap();
    let first = tracing::info_span!("sender").in_scope(|| node.client().send(AskedFuture).now_or_never());
    assert_eq!(first, None, "it was begun, and yields");
    let seen = spans.0.lock().unwrap();
    assert_eq!((seen.inside.len(), seen.children), (3, 0), "{:?}", seen.inside);
    let (_, span) = &seen.inside[2];
    assert!(span.starts_with(r#"handle service="talker" pattern="asked.future""#), "{span}");
}

//! Events. A service takes each event once, so that several subscribers are several services.
//!
//! A handler that fails makes a dead letter of its event, and nobody else notices.

use nestling::Pattern;
use nestling::prelude::*;
use serde_json::Value;

use super::Anything;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("evt")]
pub(crate) struct Evt(Anything);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern({ "ev": "obj" })]
pub(crate) struct EvtOfObject(Anything);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern(7)]
pub(crate) struct EvtOfNumber(Anything);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("evtthrow")]
pub(crate) struct EvtThrow(Anything);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("evtrpcthrow")]
pub(crate) struct EvtRpcThrow(Anything);

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("evtpair")]
pub(crate) struct EvtPair(Anything);

#[derive(Service)]
#[service("first", events(Evt, EvtOfObject, EvtOfNumber, EvtThrow, EvtRpcThrow, EvtPair))]
pub(crate) struct First;

#[derive(Service)]
#[service("second", events(Evt, EvtPair))]
pub(crate) struct Second;

#[derive(Service)]
#[service("third", events(EvtPair))]
pub(crate) struct Third;

impl Handler<Evt> for First {
    type Result = Result<(), EventError>;

    fn handle(&mut self, Evt(data): Evt, _: &mut Context<Self>) -> Self::Result {
        print::<Evt, Self>(&data)
    }
}

impl Handler<EvtOfObject> for First {
    type Result = Result<(), EventError>;

    fn handle(&mut self, EvtOfObject(data): EvtOfObject, _: &mut Context<Self>) -> Self::Result {
        print::<EvtOfObject, Self>(&data)
    }
}

impl Handler<EvtOfNumber> for First {
    type Result = Result<(), EventError>;

    fn handle(&mut self, EvtOfNumber(data): EvtOfNumber, _: &mut Context<Self>) -> Self::Result {
        print::<EvtOfNumber, Self>(&data)
    }
}

impl Handler<EvtThrow> for First {
    type Result = Result<(), EventError>;

    fn handle(&mut self, EvtThrow(data): EvtThrow, _: &mut Context<Self>) -> Self::Result {
        print::<EvtThrow, Self>(&data)?;
        Err(EventError::msg("it fails whatever it gets"))
    }
}

impl Handler<EvtRpcThrow> for First {
    type Result = Result<(), EventError>;

    fn handle(&mut self, EvtRpcThrow(data): EvtRpcThrow, _: &mut Context<Self>) -> Self::Result {
        print::<EvtRpcThrow, Self>(&data)?;
        Err(RpcError::new("boom").into())
    }
}

impl Handler<EvtPair> for First {
    type Result = Result<(), EventError>;

    fn handle(&mut self, EvtPair(data): EvtPair, _: &mut Context<Self>) -> Self::Result {
        print::<EvtPair, Self>(&data)?;
        Err(EventError::msg("it fails, and the others finish"))
    }
}

impl Handler<Evt> for Second {
    type Result = Result<(), EventError>;

    fn handle(&mut self, Evt(data): Evt, _: &mut Context<Self>) -> Self::Result {
        print::<Evt, Self>(&data)
    }
}

impl Handler<EvtPair> for Second {
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, EvtPair(data): EvtPair, _: &mut Context<Self>) -> Self::Result {
        Box::pin(print_after::<EvtPair, Self>(Duration::from_millis(50), data))
    }
}

impl Handler<EvtPair> for Third {
    type Result = ResponseFuture<Result<(), EventError>>;

    fn handle(&mut self, EvtPair(data): EvtPair, _: &mut Context<Self>) -> Self::Result {
        Box::pin(print_after::<EvtPair, Self>(Duration::from_millis(80), data))
    }
}

/// A line on stdout.
#[derive(Serialize)]
struct Line<'a> {
    event: Value,
    subscriber: &'a str,
    #[serde(skip_serializing_if = "OrUndefined::is_undefined")]
    data: &'a Anything,
}

/// Prints that service `S` was told of event `E`.
fn print<E: Pattern, S: Service>(data: &Anything) -> Result<(), EventError> {
    let event = serde_json::from_str(E::PATTERNS.first().copied().unwrap_or_default())?;
    let line = Line { event, subscriber: S::NAME, data };
    println!("{}", serde_json::to_string(&line)?);
    Ok(())
}

async fn print_after<E: Pattern, S: Service>(pause: Duration, data: Anything) -> Result<(), EventError> {
    tokio::time::sleep(pause).await;
    print::<E, S>(&data)
}

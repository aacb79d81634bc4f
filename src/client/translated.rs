//! A request to a service that has another Rust type on the same route: both are translated through JSON.

use std::any::{Any, type_name};
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::decode;
use crate::metadata::Metadata;
use crate::pattern::MessagePattern;
use crate::routes::{FromJson, JsonResult};
use crate::scope::HasMetadata;
use crate::supervisor::{AnyCall, Pending, Refusal};

/// A request in the service's type, whose sender waits for the result of `M`.
struct Translated<M> {
    call: Arc<dyn Pending<JsonResult>>,
    message: PhantomData<fn() -> M>,
}

/// Translates a message into the type of the service that has its route. It is validated there, like all that
/// another program might have made.
pub(super) fn translate<M>(
    metadata: Metadata,
    message: &M,
    from_json: FromJson,
) -> Result<Arc<dyn Pending<M::Result>>, Refusal>
where
    M: MessagePattern,
{
    let payload = serde_json::to_value(message)
        .map_err(|error| Refusal::Decode { message: format!("the payload cannot be serialised: {error}") })?;
    Ok(Arc::new(Translated::<M> { call: from_json(metadata, payload)?, message: PhantomData }))
}

fn read<M: MessagePattern>(reply: JsonResult) -> Result<M::Result, String> {
    Ok(match reply {
        Ok(response) => Ok(decode::from_value(response).map_err(|error| {
            format!("the response does not fit `{}`: {error}", type_name::<M::Response>())
        })?),
        Err(error) => {
            let text = error.to_string();
            Err(decode::from_value(error).map_err(|misfit| {
                format!("the service's error {text} does not fit `{}`: {misfit}", type_name::<M::Error>())
            })?)
        }
    })
}

impl<M: MessagePattern> HasMetadata for Translated<M> {
    fn metadata(&self) -> &Metadata {
        self.call.metadata()
    }
}

impl<M: MessagePattern> AnyCall for Translated<M> {
    fn refuse(&self, refusal: Refusal) {
        self.call.refuse(refusal);
    }

    fn is_settled(&self) -> bool {
        self.call.is_settled()
    }

    fn set_runner(&self, runner: &Waker) {
        self.call.set_runner(runner);
    }

    fn as_any(&self) -> &dyn Any {
        self.call.as_any()
    }
}

impl<M: MessagePattern> Pending<M::Result> for Translated<M> {
    fn poll_reply(&self, cx: &mut Context<'_>) -> Poll<Result<M::Result, Refusal>> {
        self.call.poll_reply(cx).map(|reply| read::<M>(reply?).map_err(|message| Refusal::Decode { message }))
    }

    fn abandon(&self) {
        self.call.abandon();
    }
}

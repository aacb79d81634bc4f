//! The errors that users meet: of a request, of an event handler, of a confirmed emit, of NestJS.

mod emit;
mod event;
mod remote;
mod request;
mod rpc;
mod unreachable;

pub use emit::EmitError;
pub use event::EventError;
pub use remote::RemoteError;
pub use request::RequestError;
pub use rpc::RpcError;
pub(crate) use unreachable::Unreachable;

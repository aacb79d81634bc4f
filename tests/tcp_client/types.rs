//! The patterns that the tests send.

use nestling::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("no more than {most}")]
pub(crate) struct TooMany {
    pub most: u32,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "double", response = u32, error = TooMany)]
pub(crate) struct Double(pub u32);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("echo", response = String, error = TooMany)]
pub(crate) struct Echo(pub String);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("nothing", response = (), error = TooMany)]
pub(crate) struct Nothing(pub ());

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("perhaps", response = Option<u32>, error = TooMany)]
pub(crate) struct Perhaps(pub Option<u32>);

/// An error that JavaScript takes for false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("code {0}")]
pub(crate) struct Code(pub u32);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("coded", response = u32, error = Code)]
pub(crate) struct Coded(pub u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, EventPattern)]
#[event_pattern("counted")]
pub(crate) struct Counted(pub u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, EventPattern)]
#[event_pattern(cmd = "noted")]
pub(crate) struct Noted {
    pub text: String,
}

#[derive(Debug, Serialize, Deserialize, StreamPattern)]
#[stream_pattern("ticks", item = u32, error = TooMany)]
pub(crate) struct Ticks(pub u32);

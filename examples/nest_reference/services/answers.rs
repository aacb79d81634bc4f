//! Patterns in every form that NestJS has, each answered with what was sent.

use super::Anything;
use nestling::prelude::*;

/// One handler may have any number of patterns: the first is the one that a Rust client sends.
#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("sum", alias = { "cmd": "sum" }, response = f64, error = RpcError)]
pub(crate) struct Sum(Vec<f64>);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(42, response = Num, error = RpcError)]
pub(crate) struct OfNumber(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern({ "b": 1, "a": "x", "c": { "z": 1, "y": true, "n": null } }, response = Nested, error = RpcError)]
pub(crate) struct OfObject(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(["q1", "q2"], response = Arr, error = RpcError)]
pub(crate) struct OfArray(Anything);

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("m1", alias = "m2", response = Multi, error = RpcError)]
pub(crate) struct OfSeveral(Anything);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Num {
    #[serde(skip_serializing_if = "OrUndefined::is_undefined")]
    num: Anything,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Nested {
    #[serde(skip_serializing_if = "OrUndefined::is_undefined")]
    nested: Anything,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Arr {
    #[serde(skip_serializing_if = "OrUndefined::is_undefined")]
    arr: Anything,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Multi {
    #[serde(skip_serializing_if = "OrUndefined::is_undefined")]
    multi: Anything,
}

#[derive(Service)]
#[service("answers", messages(Sum, OfNumber, OfObject, OfArray, OfSeveral))]
pub(crate) struct Answers;

impl Handler<Sum> for Answers {
    type Result = Result<f64, RpcError>;

    fn handle(&mut self, Sum(numbers): Sum, _: &mut Context<Self>) -> Self::Result {
        // The sum of no floats is -0.0, which is not what JavaScript says.
        Ok(numbers.iter().fold(0.0, |sum, number| sum + number))
    }
}

impl Handler<OfNumber> for Answers {
    type Result = Result<Num, RpcError>;

    fn handle(&mut self, OfNumber(num): OfNumber, _: &mut Context<Self>) -> Self::Result {
        Ok(Num { num })
    }
}

impl Handler<OfObject> for Answers {
    type Result = Result<Nested, RpcError>;

    fn handle(&mut self, OfObject(nested): OfObject, _: &mut Context<Self>) -> Self::Result {
        Ok(Nested { nested })
    }
}

impl Handler<OfArray> for Answers {
    type Result = Result<Arr, RpcError>;

    fn handle(&mut self, OfArray(arr): OfArray, _: &mut Context<Self>) -> Self::Result {
        Ok(Arr { arr })
    }
}

impl Handler<OfSeveral> for Answers {
    type Result = Result<Multi, RpcError>;

    fn handle(&mut self, OfSeveral(multi): OfSeveral, _: &mut Context<Self>) -> Self::Result {
        Ok(Multi { multi })
    }
}

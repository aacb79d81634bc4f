//! An error in the shape that NestJS gives its own.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

/// An error as NestJS services send it: its `RpcException`.
///
/// For services that NestJS clients call and whose errors need no type. A service's own typed error goes out as it
/// serialises; this one is any JSON, most often `{"status":"error","message":".."}`.
///
/// ```
/// use nestling::RpcError;
/// use serde_json::json;
///
/// let error = RpcError::new("out of stock");
/// assert_eq!(error.value(), &json!({ "status": "error", "message": "out of stock" }));
/// assert_eq!(error.message(), Some("out of stock"));
///
/// // Objects and arrays go out as they are.
/// let error = RpcError::json(json!({ "code": 7, "message": "out of stock" }));
/// assert_eq!(error.to_string(), "out of stock");
///
/// // Anything else becomes the message.
/// assert_eq!(RpcError::json(5).value(), &json!({ "status": "error", "message": 5 }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct RpcError(Value);

impl RpcError {
    /// The error `{"status":"error","message":message}`.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self::with_message(message.into().into())
    }

    /// The error that is this JSON, if it is an object or an array; other JSON becomes its message.
    #[must_use]
    pub fn json(error: impl Into<Value>) -> Self {
        match error.into() {
            error @ (Value::Object(_) | Value::Array(_)) => Self(error),
            scalar => Self::with_message(scalar),
        }
    }

    fn with_message(message: Value) -> Self {
        let entries = [("status".to_owned(), "error".into()), ("message".to_owned(), message)];
        Self(Value::Object(Map::from_iter(entries)))
    }

    /// What it says: its `message`, or all of it where it is a mere string.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match &self.0 {
            Value::Object(error) => error.get("message")?.as_str(),
            other => other.as_str(),
        }
    }

    /// All of it.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }
}

/// With `status` first, as NestJS writes it: our maps are in the order of their keys.
impl Serialize for RpcError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Object(error) => {
                let status = error.iter().filter(|(key, _)| *key == "status");
                serializer.collect_map(status.chain(error.iter().filter(|(key, _)| *key != "status")))
            }
            other => other.serialize(serializer),
        }
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(message) => f.write_str(message),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl std::error::Error for RpcError {}

//! The canonical string form of a pattern.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Number, Value};

use super::check::{MAX_DEPTH, MAX_KEYS, check, check_reserved};
use super::order;

/// The canonical string form of a pattern, the key of every lookup. It is the form that NestJS gives it:
///
/// ```
/// use nestling::Route;
/// use serde_json::json;
///
/// assert_eq!(Route::of(&json!("order.created")).as_str(), "order.created");
/// assert_eq!(Route::of(&json!({ "v": 2, "cmd": "sum" })).as_str(), r#"{"cmd":"sum","v":2}"#);
/// assert_eq!(Route::of(&json!(["a", "b"])).as_str(), r#"{"0":"a","1":"b"}"#);
/// assert_eq!(Route::of(&json!(1e21)).as_str(), "1e+21");
/// ```
#[derive(Clone, Deserialize)]
#[serde(from = "Arc<str>")]
pub struct Route(Text);

#[derive(Clone)]
enum Text {
    Shared(Arc<str>),
    /// Of a pattern type, whose route is made once for the whole process: copies cost nothing.
    Known(&'static str),
}

impl Route {
    /// The route of a pattern: a string is its own route, a number is written as JavaScript writes it, and an
    /// object is written without spaces and with its keys sorted; an array is the object of its indexes.
    #[must_use]
    pub fn of(pattern: &Value) -> Self {
        match pattern {
            Value::String(text) => Self::from(text.as_str()),
            other => {
                let mut text = String::new();
                write_value(&mut text, other, 0);
                Self(Text::Shared(text.into()))
            }
        }
    }

    /// The route as text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Shared(text) => text,
            Text::Known(text) => text,
        }
    }

    /// The text of a route that lives as long as the process.
    #[cfg(feature = "nats")]
    pub(crate) fn as_static(&self) -> Option<&'static str> {
        match self.0 {
            Text::Shared(_) => None,
            Text::Known(text) => Some(text),
        }
    }

    /// A copy of a route that lives as long as the process.
    #[inline]
    pub(crate) fn known(route: &'static Self) -> Self {
        Self(Text::Known(route.as_str()))
    }
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Route {}

impl Hash for Route {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialOrd for Route {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Route {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

/// A route that is known as text already; nothing is normalised.
impl From<&str> for Route {
    fn from(route: &str) -> Self {
        Self(Text::Shared(route.into()))
    }
}

impl From<Arc<str>> for Route {
    fn from(route: Arc<str>) -> Self {
        Self(Text::Shared(route))
    }
}

impl Serialize for Route {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Borrow<str> for Route {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The route of one entry of [`Pattern::PATTERNS`](super::Pattern::PATTERNS), checked. Only an `internal` one may
/// begin with `$`: such routes never leave the process.
///
/// # Errors
///
/// If the text is not JSON, or not a valid pattern.
pub(crate) fn route_of_json(text: &str, internal: bool) -> Result<Route, String> {
    let pattern: Value = serde_json::from_str(text)
        .map_err(|error| format!("the pattern `{text}` is not JSON (a string needs its quotes): {error}"))?;
    let checked = if internal { check_reserved(&pattern) } else { check(&pattern) };
    checked?;
    Ok(Route::of(&pattern))
}

fn write_value(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            let indexes: Vec<String> = (0..items.len()).map(|index| index.to_string()).collect();
            write_object(out, indexes.iter().map(String::as_str).zip(items).collect(), depth);
        }
        Value::Object(entries) => {
            write_object(out, entries.iter().map(|(key, value)| (key.as_str(), value)).collect(), depth);
        }
    }
}

fn write_object(out: &mut String, mut entries: Vec<(&str, &Value)>, depth: usize) {
    if depth > MAX_DEPTH {
        return out.push_str("[MAX_DEPTH_REACHED]");
    }
    if entries.len() > MAX_KEYS {
        return out.push_str("[TOO_MANY_KEYS]");
    }
    entries.sort_by(|(left, _), (right, _)| order::compare(left, right));
    out.push('{');
    for (index, (key, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(out, key);
        out.push(':');
        write_value(out, value, depth + 1);
    }
    out.push('}');
}

/// NestJS escapes these two and no others: a line break stays as it is.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        if matches!(letter, '\\' | '"') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
}

/// As JavaScript writes it, which knows all numbers as doubles.
fn write_number(out: &mut String, number: &Number) {
    match number.as_f64() {
        Some(double) => out.push_str(ryu_js::Buffer::new().format(double)),
        // A number of arbitrary precision that no double holds.
        None => out.push_str(&number.to_string()),
    }
}

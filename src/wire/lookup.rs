//! From a pattern as it came to the routes that it may mean.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::pattern::{Route, check};

use super::json::mend;

/// What `find` knows under the routes that a pattern may mean: a string as it stands, and then what it reads as as
/// JSON; other JSON by its route.
///
/// NestJS reads the string as JSON first, so that a handler registered under a string that reads as JSON is never
/// reached. Here it is. `find` must know only what may be reached from outside.
pub(crate) fn lookup<T>(pattern: &RawValue, mut find: impl FnMut(&str) -> Option<T>) -> Option<T> {
    let json = pattern.get();
    if let Some(text) = string(json) {
        return find(&text).or_else(|| {
            let route = route_of_text(&text)?;
            find(&route)
        });
    }
    // Most often it is written as its route is, which then is known as it stands: no other JSON has that text.
    find(json).or_else(|| find(Route::of(&parse(json)?).as_str()))
}

/// The route of an event from outside, if it is one that users may have.
///
/// # Errors
///
/// What is wrong with the pattern.
pub(crate) fn event_route(pattern: &RawValue) -> Result<Route, String> {
    let json = pattern.get();
    let value = match string(json) {
        None => parse(json).ok_or_else(|| format!("`{json}` is not a pattern"))?,
        Some(text) => match begins_json(&text).then(|| parse(&text)).flatten() {
            Some(value) => value,
            None => Value::String(text.into_owned()),
        },
    };
    check(&value)?;
    Ok(Route::of(&value))
}

/// The text of a JSON string.
fn string(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(json).ok().map(Cow::Owned)
}

/// The route of what a string reads as as JSON, if that is another one.
fn route_of_text(text: &str) -> Option<String> {
    if !begins_json(text) {
        return None;
    }
    match parse(text)? {
        Value::String(inner) => Some(inner),
        other => Some(Route::of(&other).as_str().to_owned()),
    }
}

/// Whether reading a text as JSON is worth the try: names seldom are.
fn begins_json(text: &str) -> bool {
    text.starts_with(['{', '[', '"', '-', ' ', '\t', '\n', '\r'])
        || text.starts_with(|c: char| c.is_ascii_digit())
}

fn parse(json: &str) -> Option<Value> {
    serde_json::from_str(&mend(json)).ok()
}

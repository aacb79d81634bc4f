//! Reading JSON, with errors that name the field; writing it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::panics::guard;

/// Reads a text.
///
/// # Errors
///
/// What does not fit, after the path to its field.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    // Following the path costs something, so it is done where there is an error to tell of.
    serde_json::from_str(text).or_else(|_| {
        let mut json = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut json).map_err(|error| error.to_string())
    })
}

/// Reads a text where a panic in the application's `Deserialize` would reach what has no part in it.
///
/// # Errors
///
/// As [`from_text`]; or what it panicked with.
pub(crate) fn from_text_guarded<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    guard(|| from_text(text))
        .unwrap_or_else(|panic| Err(format!("its `Deserialize` panicked: {}", panic.message)))
}

/// Adds the JSON of a value; a type whose `Serialize` fails or panics leaves nothing behind.
///
/// # Errors
///
/// Why there is none.
pub(crate) fn write_json<T: Serialize>(json: &mut Vec<u8>, value: &T) -> Result<(), String> {
    let before = json.len();
    let message = match guard(|| serde_json::to_writer(&mut *json, value)) {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => format!("its `Serialize` panicked: {}", panic.message),
    };
    json.truncate(before);
    Err(message)
}

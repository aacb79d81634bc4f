//! Reading JSON, with errors that name the field.

use serde::de::DeserializeOwned;

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

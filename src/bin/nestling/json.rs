//! JSON on the command line, and JSON on one line.

use std::io::Read;

use serde_json::value::{RawValue, to_raw_value};

/// What reads as JSON is JSON; anything else is a string, unless it looks like JSON that went wrong.
///
/// # Errors
///
/// Where it went wrong.
pub(crate) fn json_or_word(text: &str) -> Result<Box<RawValue>, String> {
    let error = match serde_json::from_str::<Box<RawValue>>(text) {
        Ok(json) => return Ok(json),
        Err(error) => error,
    };
    if text.trim_start().starts_with(['{', '[', '"']) {
        return Err(format!("it begins as JSON does, and is none: {error}"));
    }
    to_raw_value(text).map_err(|error| error.to_string())
}

/// As [`json_or_word`]; `-` is what stdin says.
///
/// # Errors
///
/// As [`json_or_word`]; or if stdin is no text.
pub(crate) fn argument_or_stdin(text: &str) -> Result<Box<RawValue>, String> {
    if text != "-" {
        return json_or_word(text);
    }
    let mut read = String::new();
    std::io::stdin().read_to_string(&mut read).map_err(|error| format!("stdin cannot be read: {error}"))?;
    json_or_word(read.strip_suffix('\n').unwrap_or(&read))
}

/// The same JSON without line breaks; as it came, if it has none.
pub(crate) fn one_line(json: &str) -> String {
    if !json.contains(['\n', '\r']) {
        return json.to_owned();
    }
    let (mut in_string, mut escaped) = (false, false);
    let keep = |letter: &char| {
        let stays = in_string || !letter.is_ascii_whitespace();
        in_string ^= *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        stays
    };
    json.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::{json_or_word, one_line};

    #[test]
    fn words_are_strings_and_broken_json_is_refused() {
        let read = |text| json_or_word(text).map(|json| json.get().to_owned());
        for (text, json) in [
            ("order.created", r#""order.created""#),
            ("42", "42"),
            (r#""42""#, r#""42""#),
            (r#" {"cmd": "sum"} "#, r#"{"cmd": "sum"}"#),
            ("12345678901234567890123", "12345678901234567890123"),
            ("", r#""""#),
            ("true", "true"),
            ("truth", r#""truth""#),
        ] {
            assert_eq!(read(text).as_deref(), Ok(json));
        }
        for text in ["{cmd:1}", "[1,2", "\"open", "{} {}"] {
            assert!(read(text).unwrap_err().contains("it begins as JSON does"), "{text}");
        }
    }

    #[test]
    fn line_breaks_go_and_strings_stay() {
        assert_eq!(one_line(r#"{ "a": 1 }"#), r#"{ "a": 1 }"#);
        assert_eq!(
            one_line("{\n  \"a b\": [ 1,\r\n 2 ],\n \"c\\\" \\\\\": 3 }"),
            r#"{"a b":[1,2],"c\" \\":3}"#
        );
    }
}

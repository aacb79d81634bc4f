//! From a pattern to a subject.

use nestling::__private::tool::route;
use serde_json::value::RawValue;

use crate::failure::Failure;

/// How many subjects are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subjects {
    One,
    /// Those that match.
    Many,
}

/// The subject of a pattern: its route.
///
/// # Errors
///
/// If NATS cannot have such a subject, or if it has a wildcard where one subject is meant.
pub(crate) fn subject(pattern: &RawValue, subjects: Subjects) -> Result<String, Failure> {
    let route = route(pattern);
    let usage = |problem: &str| Err(Failure::Usage(format!("`{route}` cannot be a NATS subject: {problem}")));
    if route.contains(|letter: char| letter.is_whitespace() || letter == '\0') {
        return usage("there is white space in it");
    }
    if route.split('.').any(str::is_empty) {
        return usage("a part of it is empty");
    }
    let parts = || route.split('.');
    let last = parts().count() - 1;
    if parts().enumerate().any(|(index, part)| part == ">" && index < last) {
        return usage("`>` stands at the end only");
    }
    if subjects == Subjects::One && parts().any(|part| matches!(part, "*" | ">")) {
        return Err(Failure::Usage(format!(
            "`{route}` has a wildcard, and a packet goes to one subject: name it (`nestling tap` listens to many)"
        )));
    }
    Ok(route)
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Subjects, subject};

    fn of(json: &str, subjects: Subjects) -> Option<String> {
        let pattern = RawValue::from_string(json.to_owned()).expect("it is JSON");
        subject(&pattern, subjects).ok()
    }

    #[test]
    fn the_route_is_the_subject() {
        for (json, route) in [
            (r#""order.created""#, "order.created"),
            (r#"{ "cmd" : "sum" }"#, r#"{"cmd":"sum"}"#),
            ("42", "42"),
            (r#""a*b.c>""#, "a*b.c>"),
        ] {
            assert_eq!(of(json, Subjects::One).as_deref(), Some(route));
        }
        for json in [r#""""#, r#""a b""#, r#""a..b""#, r#"".a""#, r#"{"cmd":"a b"}"#] {
            assert_eq!(of(json, Subjects::Many), None, "{json}");
        }
    }

    #[test]
    fn a_wildcard_is_for_many() {
        for json in [r#""order.*""#, r#""order.>""#, r#"">""#] {
            assert!(of(json, Subjects::Many).is_some() && of(json, Subjects::One).is_none(), "{json}");
        }
        assert_eq!(of(r#""order.>.x""#, Subjects::Many), None);
    }
}

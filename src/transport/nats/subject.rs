//! Routes as subjects, and back: the same text, where that is a subject.

use async_nats::Subject;

use crate::pattern::Route;
use crate::registry::Interest;

/// The longest subject in bytes: a server takes 4,096 for a whole line of its protocol.
const LONGEST: usize = 2_048;

/// The subject of a route.
///
/// # Errors
///
/// If there is none: the route holds white space, say.
pub(crate) fn subject_of(route: &Route) -> Result<Subject, String> {
    let text = route.as_str();
    check(text, false)?;
    Ok(match route.as_static() {
        Some(text) => Subject::from_static(text),
        None => Subject::from(text),
    })
}

/// The subject by which a subscription gets what it is interested in; `*` and `>` mean the same to a server as in a
/// pattern. None of what never leaves the process.
///
/// # Errors
///
/// As [`subject_of`].
pub(crate) fn subject_of_interest(interest: &Interest) -> Result<Option<Subject>, String> {
    match interest {
        interest if interest.is_reserved() => Ok(None),
        Interest::Route(route) => subject_of(route).map(Some),
        Interest::Matching(wildcard) => {
            let text = wildcard.to_string();
            check(&text, true)?;
            Ok(Some(Subject::from(text)))
        }
    }
}

/// Whether what comes on a subject can be an event of anybody's: a leading wildcard also gets what servers and clients
/// say to each other.
pub(crate) fn is_public(subject: &str) -> bool {
    !subject.starts_with('$') && !subject.starts_with("_INBOX.")
}

fn check(text: &str, wildcards: bool) -> Result<(), String> {
    if let Some(found) = text.chars().find(|found| found.is_whitespace() || found.is_control()) {
        return Err(format!(
            "{text:?} is no NATS subject: it holds {found:?}, and a subject holds no white space"
        ));
    }
    if text.len() > LONGEST {
        let length = text.len();
        return Err(format!("a route of {length} bytes is no NATS subject: {LONGEST} are the most"));
    }
    if text.split('.').any(str::is_empty) {
        return Err(format!("`{text}` is no NATS subject: one of its tokens between dots is empty"));
    }
    match text.split('.').find(|token| !wildcards && matches!(*token, "*" | ">")) {
        Some(token) => {
            Err(format!("`{text}` is no NATS subject to send to: its token `{token}` is a wildcard"))
        }
        None => Ok(()),
    }
}

/// The queue group of a service: all its instances, and nobody else's.
pub(crate) fn group(node: &str, service: &str) -> String {
    format!("{}.{}", token(node), token(service))
}

/// The queue group of one interest of a service. A server gives a message to one member of a group, also where its members
/// subscribe to it by different subjects: so interests that may overlap have groups of their own. These are wildcards, and
/// a route that the service also answers requests on.
pub(super) fn event_group(node: &str, service: &str, interest: &Interest, is_served: bool) -> String {
    let group = group(node, service);
    match interest {
        Interest::Route(_) if is_served => format!("{group}.events"),
        Interest::Route(_) => group,
        Interest::Matching(wildcard) => format!("{group}.{}", token(&wildcard.to_string())),
    }
}

/// A name as one token: what would end it, or mean something in a subject, is written as `%` and its bytes in
/// hexadecimal, so that different names stay different.
pub(crate) fn token(name: &str) -> String {
    let mut token = String::with_capacity(name.len());
    for letter in name.chars() {
        let is_plain = !letter.is_whitespace()
            && !letter.is_control()
            && !matches!(letter, '.' | '*' | '>' | '%' | '/' | '\\');
        if is_plain {
            token.push(letter);
        } else {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                token.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    token
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::pattern::check as check_pattern;
    use crate::registry::Wildcard;

    #[test]
    fn a_route_is_its_own_subject() {
        for pattern in [json!("order.created"), json!(42), json!({ "cmd": "sum" }), json!(["a", "b"])] {
            let route = Route::of(&pattern);
            assert_eq!(subject_of(&route).map(|subject| subject.to_string()), Ok(route.to_string()));
        }
    }

    #[test]
    fn what_is_no_subject_says_why() {
        for (pattern, reason) in [
            (json!({ "cmd": "a b" }), "holds ' '"),
            (json!({ "cmd": "a\nb" }), "holds '\\n'"),
            (json!({ "cmd": "a.*.b" }), "token `*` is a wildcard"),
            (json!({ "cmd": "a..b" }), "is empty"),
            (json!("x".repeat(2_049)), "2049 bytes"),
        ] {
            let error = subject_of(&Route::of(&pattern)).unwrap_err();
            assert!(error.contains(reason), "{pattern}: {error}");
        }
    }

    #[test]
    fn wildcards_are_the_servers() {
        for text in ["order.*", "order.>", ">", "*.created"] {
            let interest = Interest::Matching(Wildcard::parse(text).unwrap());
            let subject = subject_of_interest(&interest).unwrap().unwrap();
            assert_eq!(subject.as_str(), text);
        }
        let own = Interest::Matching(Wildcard::parse("$service.*").unwrap());
        assert_eq!(subject_of_interest(&own), Ok(None));
        assert_eq!(subject_of_interest(&Interest::Route("$dead_letter".into())), Ok(None));
    }

    #[test]
    fn groups_of_different_names_differ() {
        assert_eq!(group("shop", "inventory"), "shop.inventory");
        assert_eq!(group("my shop", "a.b"), "my%20shop.a%2Eb");
        assert_ne!(group("a.b", "c"), group("a", "b.c"));
        let of = |interest, is_served| event_group("shop", "audit", &interest, is_served);
        let wildcard = |text| Interest::Matching(Wildcard::parse(text).unwrap());
        assert_eq!(of(Interest::Route("order.created".into()), false), "shop.audit");
        assert_eq!(of(Interest::Route("order.created".into()), true), "shop.audit.events");
        assert_eq!(of(wildcard("order.*"), false), "shop.audit.order%2E%2A");
    }

    proptest! {
        /// What a pattern may be as a name is always a subject.
        #[test]
        fn names_are_subjects(name in "[a-zA-Z0-9_/.*>-]{1,20}") {
            if check_pattern(&json!(name)).is_ok() {
                let subject = subject_of(&Route::from(name.as_str())).unwrap();
                prop_assert!(subject.is_valid());
                prop_assert_eq!(subject.as_str(), name);
            }
        }

        #[test]
        fn tokens_are_one_token_and_tell_names_apart(one in "\\PC{0,8}", other in "\\PC{0,8}") {
            prop_assert!(!token(&one).contains(['.', ' ', '*', '>']));
            prop_assert_eq!(token(&one) == token(&other), one == other);
        }
    }
}

//! A request's error owns all it says: each variant survives being written and read.

use nestling::RemoteError;
use nestling::prelude::*;

use crate::support::Refused;

#[test]
fn each_variant_reads_back_as_it_was_written() {
    type Error = RequestError<Refused>;
    let pattern = || String::from(r#"{"cmd":"sum"}"#);
    let service = || String::from("sums");
    let message = || String::from("no \"sum\"");
    let errors = [
        Error::Handler(Refused(3)),
        Error::NoHandler { pattern: pattern() },
        Error::Timeout { pattern: pattern(), after: Duration::from_millis(1_500) },
        Error::Panicked { pattern: pattern(), service: service(), message: message() },
        Error::Unanswered { pattern: pattern(), service: service() },
        Error::Unavailable { pattern: pattern(), reason: message() },
        Error::Overloaded { pattern: pattern(), service: service(), bound: 3 },
        Error::Invalid { pattern: pattern(), message: message() },
        Error::Encode { pattern: pattern(), message: message() },
        Error::Decode { pattern: pattern(), message: message() },
        Error::Remote(RemoteError::new(pattern(), serde_json::json!({ "status": "error" }))),
        Error::Transport { pattern: pattern(), message: message() },
    ];
    for error in errors {
        let text = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<Error>(&text).unwrap(), error, "{text}");
        let named = matches!(error, Error::Handler(_)) || error.to_string().contains(&pattern());
        assert!(named, "every other one names the pattern: {error}");
        let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(error.clone());
        assert_eq!(boxed.to_string(), error.to_string());
    }
}

#[test]
fn the_services_own_error_can_be_taken_out_or_converted() {
    let own = RequestError::Handler(Refused(3));
    assert_eq!(own.clone().into_handler_error(), Some(Refused(3)));
    assert_eq!(own.map_handler(|error| error.0), RequestError::Handler(3));
    let other = RequestError::<Refused>::NoHandler { pattern: "sum".into() };
    assert_eq!(other.clone().into_handler_error(), None);
    assert_eq!(other.map_handler(|error| error.0), RequestError::NoHandler { pattern: "sum".into() });
}

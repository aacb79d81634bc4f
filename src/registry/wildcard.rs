//! Matching routes by wildcard, by the rules of NATS subjects.

use std::fmt;

/// A pattern with wildcards: `*` stands for one token, `>` for one or more at the end; tokens are separated by
/// dots. A route that begins with `$` is matched by no wildcard in first place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Wildcard {
    text: String,
}

impl Wildcard {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// If a token is empty, has a wildcard beside other characters or white space, or follows a `>`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = text.split('.').peekable();
        while let Some(token) = tokens.next() {
            if token.is_empty() {
                return Err(format!("`{text}` has an empty token"));
            }
            if token.chars().any(|char| char.is_whitespace() || char.is_control()) {
                return Err(format!("`{text}` has white space or a control character in `{token}`"));
            }
            if token.len() > 1 && token.contains(['*', '>']) {
                return Err(format!("`{text}`: a wildcard is a whole token, and `{token}` is not"));
            }
            if token == ">" && tokens.peek().is_some() {
                return Err(format!("`{text}`: `>` stands for all that follows and must be the last token"));
            }
        }
        Ok(Self { text: text.to_owned() })
    }

    /// Whether it matches routes that begin with `$`.
    pub(crate) fn is_reserved(&self) -> bool {
        self.text.starts_with('$')
    }

    /// Whether the pattern matches a route.
    pub(crate) fn matches(&self, route: &str) -> bool {
        let mut pattern = self.text.split('.');
        let mut tokens = route.split('.');
        let reserved = route.starts_with('$');
        let mut first = true;
        loop {
            let leading = std::mem::replace(&mut first, false);
            match (pattern.next(), tokens.next()) {
                (Some("*" | ">"), Some(_)) if leading && reserved => return false,
                (Some(">"), Some(_)) | (None, None) => return true,
                (Some("*"), Some(_)) => {}
                (Some(wanted), Some(token)) if wanted == token => {}
                _ => return false,
            }
        }
    }
}

impl fmt::Display for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rule as one would say it, by recursion on whole token lists.
    fn reference(pattern: &[&str], route: &[&str]) -> bool {
        match (pattern, route) {
            ([], []) => true,
            ([">"], [_, ..]) => true,
            (["*", pattern @ ..], [_, route @ ..]) => reference(pattern, route),
            ([wanted, pattern @ ..], [token, route @ ..]) => wanted == token && reference(pattern, route),
            _ => false,
        }
    }

    fn tokens(alphabet: &'static [&'static str], length: usize) -> impl Strategy<Value = Vec<&'static str>> {
        prop::collection::vec(prop::sample::select(alphabet), 1..=length)
    }

    proptest! {
        #[test]
        fn matches_as_the_reference_does(
            mut pattern in tokens(&["a", "b", "*", "order"], 5),
            rest in any::<bool>(),
            route in tokens(&["a", "b", "order"], 6),
        ) {
            if rest {
                pattern.push(">");
            }
            let wildcard = Wildcard::parse(&pattern.join(".")).unwrap();
            prop_assert_eq!(wildcard.matches(&route.join(".")), reference(&pattern, &route));
        }

        #[test]
        fn parsing_never_panics_and_keeps_the_text(text in "[a*>. ]{0,12}") {
            if let Ok(wildcard) = Wildcard::parse(&text) {
                prop_assert_eq!(wildcard.to_string(), text);
            }
        }
    }

    #[test]
    fn reserved_routes_match_no_leading_wildcard() {
        for (pattern, route, matches) in [
            (">", "$dead_letter", false),
            ("*", "$dead_letter", false),
            ("*.started", "$service.started", false),
            ("$service.*", "$service.started", true),
            ("$service.>", "$service.started", true),
            ("$dead_letter", "$dead_letter", true),
        ] {
            assert_eq!(Wildcard::parse(pattern).unwrap().matches(route), matches, "{pattern} {route}");
        }
    }

    #[test]
    fn a_pattern_that_is_none_says_why() {
        for pattern in ["", "a..b", ".a", "a.", "a.>.b", "a.b*", "x>", "a b"] {
            assert!(Wildcard::parse(pattern).unwrap_err().contains(pattern), "{pattern}");
        }
    }
}

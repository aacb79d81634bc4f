//! Sets of subjects: which covers which, and which overlap.

/// Whether every subject that `inner` matches is matched by `outer`.
pub(super) fn covers(outer: &str, inner: &str) -> bool {
    let (mut outer, mut inner) = (outer.split('.'), inner.split('.'));
    loop {
        match (outer.next(), inner.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(">")) => return false,
            (Some("*"), Some(_)) => {}
            (Some(outer), Some(inner)) if outer == inner => {}
            _ => return false,
        }
    }
}

/// Whether a subject matches both.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        match (one.next(), other.next()) {
            (Some(">"), Some(_)) | (Some(_), Some(">")) | (None, None) => return true,
            (Some("*"), Some(_)) | (Some(_), Some("*")) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// The narrowest pattern that covers both.
fn both(one: &str, other: &str) -> String {
    let (mut one, mut other) = (one.split('.').peekable(), other.split('.').peekable());
    let mut tokens = Vec::new();
    loop {
        match (one.next(), other.next()) {
            (Some(a), Some(b)) if a == b => tokens.push(a),
            (Some(">"), Some(_)) | (Some(_), Some(">")) => tokens.push(">"),
            (Some(_), Some(_)) => tokens.push("*"),
            (None, None) => break,
            // One is longer: `>` stands for one token or more, so the last common one goes too.
            _ => {
                tokens.pop();
                tokens.push(">");
            }
        }
        if tokens.last() == Some(&">") {
            break;
        }
    }
    tokens.join(".")
}

/// Filters that cover all of `wanted` and do not overlap one another, which a server refuses. Where two overlap and
/// neither covers the other, one that covers both takes their place; it may match more than is wanted.
pub(super) fn disjoint(wanted: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut filters: Vec<String> = Vec::new();
    for mut filter in wanted {
        while let Some(index) = filters.iter().position(|known| overlap(known, &filter)) {
            let known = filters.swap_remove(index);
            if covers(&known, &filter) {
                filter = known;
            } else if !covers(&filter, &known) {
                filter = both(&known, &filter);
            }
        }
        filters.push(filter);
    }
    filters.sort_unstable();
    filters
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::registry::Wildcard;

    fn pattern() -> impl Strategy<Value = String> {
        let token = prop::sample::select(vec!["a", "b", "*"]);
        (prop::collection::vec(token, 1..4), any::<bool>()).prop_map(|(mut tokens, rest)| {
            if rest {
                tokens.push(">");
            }
            tokens.join(".")
        })
    }

    fn subject() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..6).prop_map(|it| it.join("."))
    }

    fn matches(pattern: &str, subject: &str) -> bool {
        Wildcard::parse(pattern).unwrap().matches(subject)
    }

    proptest! {
        #[test]
        fn what_covers_matches_all(outer in pattern(), inner in pattern(), subject in subject()) {
            if covers(&outer, &inner) && matches(&inner, &subject) {
                prop_assert!(matches(&outer, &subject));
            }
        }

        #[test]
        fn what_both_match_overlaps(one in pattern(), other in pattern(), subject in subject()) {
            if matches(&one, &subject) && matches(&other, &subject) {
                prop_assert!(overlap(&one, &other));
            }
        }

        #[test]
        fn disjoint_filters_cover_all_and_do_not_overlap(
            wanted in prop::collection::vec(pattern(), 1..6), subject in subject(),
        ) {
            let filters = disjoint(wanted.clone());
            if wanted.iter().any(|wanted| matches(wanted, &subject)) {
                prop_assert_eq!(filters.iter().filter(|filter| matches(filter, &subject)).count(), 1, "{:?}", filters);
            }
            for (index, one) in filters.iter().enumerate() {
                prop_assert!(!filters[index + 1..].iter().any(|other| overlap(one, other)), "{:?}", filters);
            }
        }
    }

    #[test]
    fn cases() {
        for (outer, inner, expected) in [
            ("order.>", "order.created", true),
            ("order.>", "order.*", true),
            ("order.>", "order.>", true),
            ("order.>", "order", false),
            ("order.*", "order.>", false),
            ("order.*", "order.a.b", false),
            (">", "*", true),
            ("order.created", "order.*", false),
        ] {
            assert_eq!(covers(outer, inner), expected, "{outer} {inner}");
        }
        assert_eq!(disjoint(["a.b".to_owned(), "a.*".to_owned()]), ["a.*"]);
        assert_eq!(disjoint(["a.*".to_owned(), "*.b".to_owned(), "x".to_owned()]), ["*.*", "x"]);
        assert_eq!(disjoint(["a.b".to_owned(), "a.c".to_owned()]), ["a.b", "a.c"]);
    }
}

//! What a pattern may be. The derives hold the same rules at compile time; these are for patterns that are
//! known only at run time and for `Pattern` impls written by hand.

use serde_json::Value;

use super::Route;

/// The depth of the innermost object, counted from 0, and the number of its keys beyond which NestJS gives all
/// patterns one route.
pub(super) const MAX_DEPTH: usize = 5;
pub(super) const MAX_KEYS: usize = 20;

/// Checks a pattern of a user.
///
/// # Errors
///
/// What is wrong with it and what to write instead.
pub(crate) fn check(pattern: &Value) -> Result<(), String> {
    match pattern {
        Value::String(topic) if topic.starts_with('$') => {
            Err("patterns that begin with `$` are the node's own: choose another name".to_owned())
        }
        other => check_reserved(other),
    }
}

/// As [`check`], for the node's own events, which begin with `$`.
///
/// # Errors
///
/// As [`check`].
pub(crate) fn check_reserved(pattern: &Value) -> Result<(), String> {
    match pattern {
        Value::String(topic) => check_text(topic),
        Value::Bool(_) | Value::Null => {
            Err(format!("`{pattern}` is not a pattern: use a string, an object, a number or an array"))
        }
        Value::Number(_) => Ok(()),
        Value::Array(_) | Value::Object(_) => check_shape(pattern, 0),
    }
}

fn check_text(text: &str) -> Result<(), String> {
    match serde_json::from_str::<Value>(text) {
        // The route of another pattern, given as text, means that pattern.
        Ok(value @ (Value::Number(_) | Value::Array(_) | Value::Object(_)))
            if Route::of(&value).as_str() == text =>
        {
            check_reserved(&value)
        }
        Ok(_) => Err(format!(
            "`{text}` reads as JSON, and NestJS takes it for that: use the JSON value itself, or another name"
        )),
        Err(_) => check_topic(text),
    }
}

fn check_topic(topic: &str) -> Result<(), String> {
    if topic.is_empty() {
        return Err("the pattern is empty: give it a name, as in `order.created`".to_owned());
    }
    if let Some(found) = topic.chars().find(|found| found.is_whitespace() || found.is_control()) {
        return Err(format!(
            "a pattern holds no white space and no control characters, {topic:?} holds {found:?}"
        ));
    }
    for token in topic.split('.') {
        match token {
            "" => {
                return Err(format!("`{topic}` has an empty token: no `.` at either end, nor two in a row"));
            }
            "*" | ">" => {
                return Err(format!(
                    "`{token}` is a wildcard and a pattern is one name: subscribe with `patterns.matching({topic:?})`"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_shape(value: &Value, depth: usize) -> Result<(), String> {
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(entries) => entries.values().collect(),
        _ => return Ok(()),
    };
    let same = "NestJS takes all such patterns for the same one";
    if depth > MAX_DEPTH {
        return Err(format!("its objects nest more than {} deep: {same}", MAX_DEPTH + 1));
    }
    if inner.len() > MAX_KEYS {
        return Err(format!("one of its objects has {} keys, more than {MAX_KEYS}: {same}", inner.len()));
    }
    inner.into_iter().try_for_each(|item| check_shape(item, depth + 1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{check, check_reserved};

    #[test]
    fn what_a_pattern_may_be() {
        for pattern in [
            json!("order.created"),
            json!("/users"),
            json!("orders*"),
            json!(42),
            json!({ "cmd": "a b" }),
            json!(["a", null, true]),
            // A route as text.
            json!("{\"cmd\":\"sum\",\"v\":2}"),
            json!("42"),
        ] {
            assert_eq!(check(&pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn what_it_may_not_be() {
        let deep = (0..7).fold(json!(1), |inner, _| json!([inner]));
        for (pattern, reason) in [
            (json!(""), "is empty"),
            (json!("$service.started"), "begin with `$`"),
            (json!("order created"), "holds ' '"),
            (json!("order\u{7}"), "holds '\\u{7}'"),
            (json!("order..created"), "empty token"),
            (json!(".order"), "empty token"),
            (json!("order."), "empty token"),
            (json!("order.*"), "`*` is a wildcard"),
            (json!("order.>"), "patterns.matching(\"order.>\")"),
            (json!(true), "`true` is not a pattern"),
            (json!(null), "`null` is not a pattern"),
            (json!("null"), "reads as JSON"),
            (json!("\"x\""), "reads as JSON"),
            (json!("1e3"), "reads as JSON"),
            (json!("{ \"b\": 1 }"), "reads as JSON"),
            (json!("[1]"), "reads as JSON"),
            (deep, "more than 6 deep"),
            (json!({ "a": vec![0; 21] }), "21 keys, more than 20"),
        ] {
            let error = check(&pattern).unwrap_err();
            assert!(error.contains(reason), "{pattern}: {error}");
        }
    }

    #[test]
    fn the_nodes_own_events_may_begin_with_a_dollar() {
        assert_eq!(check_reserved(&json!("$service.started")), Ok(()));
        assert!(check_reserved(&json!("$service..started")).is_err());
    }
}

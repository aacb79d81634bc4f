//! What a pattern may be. The same rules hold at run time, where `nestling` checks what no derive has seen.

use serde_json::{Map, Value};

/// The depth of the innermost object, counted from 0, and the number of its keys beyond which NestJS gives all
/// patterns one route.
const MAX_DEPTH: usize = 5;
const MAX_KEYS: usize = 20;

/// Why `pattern` is not valid. `reserved` allows a leading `$`.
pub(crate) fn check(pattern: &Value, reserved: bool) -> Result<(), String> {
    match pattern {
        Value::String(topic) => check_topic(topic, reserved),
        Value::Bool(_) | Value::Null => {
            Err(format!("`{pattern}` is not a pattern: write a string, an object, a number or an array"))
        }
        Value::Number(_) => Ok(()),
        Value::Array(_) | Value::Object(_) => check_shape(pattern, 0),
    }
}

fn check_topic(topic: &str, reserved: bool) -> Result<(), String> {
    if topic.is_empty() {
        return Err("the pattern is empty: give it a name, as in \"order.created\"".to_owned());
    }
    if topic.starts_with('$') && !reserved {
        return Err("patterns that begin with `$` are the node's own: choose another name".to_owned());
    }
    if let Some(found) = topic.chars().find(|found| found.is_whitespace() || found.is_control()) {
        return Err(format!(
            "a pattern holds no white space and no control characters, this one holds {found:?}"
        ));
    }
    match serde_json::from_str::<Value>(topic) {
        Ok(Value::Bool(_) | Value::Null | Value::String(_)) => {
            return Err(
                "NestJS takes this text for the JSON that it reads as: choose another name".to_owned()
            );
        }
        Ok(_) => {
            let message = "NestJS takes this text for the JSON that it reads as: write it without the quotes";
            return Err(message.to_owned());
        }
        Err(_) => {}
    }
    for token in topic.split('.') {
        match token {
            "" => return Err("there is an empty token: no `.` at either end, nor two in a row".to_owned()),
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
    let keys = match value {
        Value::Array(items) => items.len(),
        Value::Object(entries) => entries.len(),
        _ => return Ok(()),
    };
    if depth > MAX_DEPTH {
        let deepest = MAX_DEPTH + 1;
        return Err(format!(
            "objects nest more than {deepest} deep: NestJS takes all such patterns for the same one"
        ));
    }
    if keys > MAX_KEYS {
        return Err(format!(
            "an object has {keys} keys, more than {MAX_KEYS}: NestJS takes all such patterns for the same one"
        ));
    }
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| check_shape(item, depth + 1)),
        Value::Object(entries) => entries.values().try_for_each(|item| check_shape(item, depth + 1)),
        _ => Ok(()),
    }
}

/// `pattern` in a form that is equal for patterns with the same route: arrays are objects with the indexes as
/// keys, keys are sorted, numbers are floats.
pub(crate) fn normal(pattern: &Value) -> Value {
    match pattern {
        Value::Number(number) => {
            number.as_f64().map_or_else(|| pattern.clone(), |float| Value::from(float + 0.0))
        }
        Value::Array(items) => {
            sorted(items.iter().enumerate().map(|(index, item)| (index.to_string(), normal(item))))
        }
        Value::Object(entries) => sorted(entries.iter().map(|(key, value)| (key.clone(), normal(value)))),
        _ => pattern.clone(),
    }
}

fn sorted(entries: impl Iterator<Item = (String, Value)>) -> Value {
    Value::Object(entries.collect::<Map<_, _>>())
}

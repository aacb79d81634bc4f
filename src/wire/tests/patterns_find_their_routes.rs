//! A pattern is looked up as NestJS looks it up, and what is registered under the very string comes first.

use super::super::{event_route, lookup};
use super::support::raw;

/// The routes that are tried for a pattern.
fn tried(pattern: &str) -> Vec<String> {
    let mut tried = Vec::new();
    let found = lookup(&raw(pattern), |route| {
        tried.push(route.to_owned());
        None::<()>
    });
    assert_eq!(found, None);
    tried
}

fn finds(route: &str, pattern: &str) -> bool {
    lookup(&raw(pattern), |tried| (tried == route).then_some(())).is_some()
}

#[test]
fn every_way_to_write_a_pattern() {
    for (route, patterns) in [
        ("order.created", &[r#""order.created""#, r#""order\u002ecreated""#, r#""\"order.created\"""#][..]),
        ("sum", &[r#""sum""#, r#""\"sum\"""#]),
        (
            r#"{"cmd":"sum"}"#,
            &[
                r#"{"cmd":"sum"}"#,
                r#"{ "cmd" : "sum" }"#,
                r#""{\"cmd\":\"sum\"}""#,
                r#""{ \"cmd\" : \"sum\" }""#,
                r#""\n{\"cmd\":\"sum\"}""#,
            ],
        ),
        ("42", &["42", "42.0", "4.2e1", r#""42""#, r#""42.0""#, r#""4.2e1""#, r#""\t42""#]),
        ("0", &["-0", "0.0", r#""-0""#]),
        ("1e+21", &["1e21", r#""1e21""#, "1000000000000000000000"]),
        (r#"{"0":"q1","1":"q2"}"#, &[r#"["q1","q2"]"#, r#"{"1":"q2","0":"q1"}"#, r#""[\"q1\",\"q2\"]""#]),
        (
            r#"{"a":"x","b":1,"c":{"n":null,"y":true,"z":1}}"#,
            &[r#"{"b":1,"a":"x","c":{"z":1,"y":true,"n":null}}"#],
        ),
    ] {
        for pattern in patterns {
            assert!(finds(route, pattern), "{pattern} tries {:?}, not {route}", tried(pattern));
        }
    }
}

#[test]
fn a_literal_match_comes_first() {
    for text in
        ["null", "1e3", "1.0", "\"x\"", r#"{"b":1,"a":2}"#, "[1]", "-0", "12345678901234567890", "true"]
    {
        let pattern = serde_json::to_string(text).unwrap();
        assert_eq!(tried(&pattern)[0], text);
        assert!(finds(text, &pattern), "{text} is out of reach");
    }
}

#[test]
fn names_are_looked_up_once() {
    for pattern in [r#""order.created""#, r#""true""#, r#""""#, r#""/users""#, r#""Ünïcode""#] {
        assert_eq!(tried(pattern).len(), 1, "{pattern} tries {:?}", tried(pattern));
    }
}

#[test]
fn different_patterns_stay_apart() {
    assert!(!finds(r#"{"cmd":"sum"}"#, r#"{"cmd":"sum","v":1}"#));
    assert!(!finds("sum", r#"{"cmd":"sum"}"#));
    assert!(!finds("sum", r#""\"\\\"sum\\\"\"""#));
    assert!(!finds("a\nb", r#""a\\nb""#));
}

#[test]
fn events_from_outside_have_the_route_of_their_pattern() {
    for (pattern, route) in [
        (r#""order.created""#, "order.created"),
        (r#""\"order.created\"""#, "order.created"),
        (r#"{"v":2,"ev":"obj"}"#, r#"{"ev":"obj","v":2}"#),
        (r#""{\"ev\": \"obj\"}""#, r#"{"ev":"obj"}"#),
        (r#""{\"ev\":\"obj\"}""#, r#"{"ev":"obj"}"#),
        ("7", "7"),
        (r#""7""#, "7"),
        (r#""7.0""#, "7"),
        (r#"["a"]"#, r#"{"0":"a"}"#),
    ] {
        let found = event_route(&raw(pattern)).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(found.as_str(), route, "{pattern}");
    }
}

#[test]
fn what_no_event_from_outside_may_be_called() {
    let deep = format!("{}1{}", "[".repeat(7), "]".repeat(7));
    let endless = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    for (pattern, reason) in [
        (r#""$dead_letter""#, "begin with `$`"),
        (r#""\"$dead_letter\"""#, "begin with `$`"),
        (r#""\u0024dead_letter""#, "begin with `$`"),
        (r#""""#, "is empty"),
        (r#""\"\"""#, "is empty"),
        (r#"" ""#, "holds ' '"),
        (r#""a b""#, "holds ' '"),
        (r#""order.*""#, "wildcard"),
        ("null", "`null` is not a pattern"),
        ("true", "`true` is not a pattern"),
        (r#""null""#, "reads as JSON"),
        (r#""\"\\\"x\\\"\"""#, "reads as JSON"),
        (&deep, "more than 6 deep"),
        (&endless, "is not a pattern"),
        ("1e999", "is not a pattern"),
    ] {
        let error = event_route(&raw(pattern)).expect_err(pattern);
        assert!(error.contains(reason), "{pattern}: {error}");
    }
}

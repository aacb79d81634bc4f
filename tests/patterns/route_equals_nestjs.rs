//! A pattern has the route that NestJS gives it.
//!
//! Each line of `nestjs_routes.jsonl` is a pattern's JSON text and what `transformPatternToRoute` of
//! `@nestjs/microservices` 12.1.1 made of it on Node 20.20 (ICU 78.2, locale en-US).

use nestling::Route;
use serde_json::Value;

#[test]
fn every_recorded_pattern_has_the_route_that_nestjs_gave_it() {
    let recorded = include_str!("nestjs_routes.jsonl");
    let mut compared = 0;
    for line in recorded.lines() {
        let (pattern, expected): (String, String) = serde_json::from_str(line).unwrap();
        let value: Value = serde_json::from_str(&pattern).unwrap();
        assert_eq!(Route::of(&value).as_str(), expected, "the route of {pattern}");
        compared += 1;
    }
    assert!(compared > 250, "only {compared} routes were compared");
}

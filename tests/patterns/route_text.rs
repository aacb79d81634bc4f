//! Routes as text: what is escaped, how numbers look, and the limits beyond which patterns collapse.

use nestling::Route;
use proptest::prelude::*;
use serde_json::{Value, json};

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!({ "a": inner }))
}

#[test]
fn a_string_is_its_own_route() {
    assert_eq!(Route::of(&json!("a \"b\"\n\\c")).as_str(), "a \"b\"\n\\c");
}

#[test]
fn inside_an_object_only_backslash_and_quote_are_escaped() {
    let object = json!({ "k\"\\": "v\"\\\n\t" });
    assert_eq!(Route::of(&object).as_str(), "{\"k\\\"\\\\\":\"v\\\"\\\\\n\t\"}");
}

#[test]
fn objects_six_deep_are_written_out_and_a_seventh_is_not() {
    assert!(Route::of(&nested(6)).as_str().ends_with("\"a\":1}}}}}}"));
    assert!(Route::of(&nested(7)).as_str().contains("[MAX_DEPTH_REACHED]"));
}

#[test]
fn twenty_keys_are_written_out_and_a_twenty_first_is_not() {
    let array = |items: usize| json!(vec![0; items]);
    assert!(Route::of(&array(20)).as_str().starts_with("{\"0\":0,\"1\":0,\"10\":0,"));
    assert_eq!(Route::of(&array(21)).as_str(), "[TOO_MANY_KEYS]");
}

#[test]
fn a_literal_route_is_kept_as_it_is() {
    assert_eq!(Route::from("{ \"b\": 1 }").as_str(), "{ \"b\": 1 }");
}

#[test]
fn equal_numbers_have_one_route_however_they_are_written() {
    let routes: Vec<Route> =
        ["42", "42.0", "4.2e1", "420e-1"].map(|text| Route::of(&serde_json::from_str(text).unwrap())).into();
    assert!(routes.iter().all(|route| route.as_str() == "42"), "{routes:?}");
}

proptest! {
    #[test]
    fn a_number_reads_back_as_the_same_double(
        double in any::<f64>().prop_filter("JSON has no other", |double| double.is_finite()),
    ) {
        let route = Route::of(&json!(double));
        prop_assert_eq!(route.as_str().parse::<f64>().unwrap(), double);
    }

    #[test]
    fn no_integer_shows_a_fraction_or_an_exponent(integer in any::<i64>()) {
        let route = Route::of(&json!(integer));
        prop_assert_eq!(route.as_str().parse::<i128>().unwrap() as f64, integer as f64);
    }
}

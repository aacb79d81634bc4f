//! Absent data, and responses without a value.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::from_data;
use super::support::raw;
use crate::OrUndefined;
use crate::undefined::is_undefined;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Echo(OrUndefined<Value>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Transparent {
    data: OrUndefined<Option<u8>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Fields {
    #[serde(default)]
    count: u8,
}

#[test]
fn absent_data() {
    assert_eq!(from_data::<()>(None), Ok(()));
    assert_eq!(from_data::<Unit>(None), Ok(Unit));
    assert_eq!(from_data::<Option<u8>>(None), Ok(None));
    assert_eq!(from_data::<Option<Value>>(None), Ok(None));
    assert_eq!(from_data::<Echo>(None), Ok(Echo(OrUndefined::Undefined)));
    assert_eq!(from_data::<Transparent>(None), Ok(Transparent { data: OrUndefined::Undefined }));
    assert!(from_data::<serde::de::IgnoredAny>(None).is_ok());
    let missing = Err("the payload is missing".to_owned());
    assert_eq!(from_data::<u8>(None), missing.clone().map(|()| 0));
    assert_eq!(from_data::<Fields>(None), missing.clone().map(|()| Fields { count: 0 }));
    assert_eq!(from_data::<Vec<u8>>(None), missing.clone().map(|()| vec![]));
    assert_eq!(from_data::<String>(None), missing.clone().map(|()| String::new()));
    assert_eq!(from_data::<Value>(None), missing.map(|()| Value::Null));
}

#[test]
fn data_that_is_null() {
    let null = raw("null");
    assert_eq!(from_data::<()>(Some(&null)), Ok(()));
    assert_eq!(from_data::<Unit>(Some(&null)), Ok(Unit));
    assert_eq!(from_data::<Option<u8>>(Some(&null)), Ok(None));
    assert_eq!(from_data::<Echo>(Some(&null)), Ok(Echo(OrUndefined::Value(Value::Null))));
    assert_eq!(from_data::<Transparent>(Some(&null)), Ok(Transparent { data: OrUndefined::Value(None) }));
}

#[test]
fn data_that_is_there() {
    assert_eq!(from_data::<Echo>(Some(&raw("[1]"))), Ok(Echo(OrUndefined::Value(json!([1])))));
    assert_eq!(from_data::<Fields>(Some(&raw("{\"count\":2}"))), Ok(Fields { count: 2 }));
    let error = from_data::<Fields>(Some(&raw("{\"count\":\"x\"}"))).unwrap_err();
    assert!(error.starts_with("count: "), "{error}");
    let error = from_data::<OrUndefined<u8>>(Some(&raw("null"))).unwrap_err();
    assert!(error.contains("invalid type: null"), "{error}");
}

#[test]
fn responses_without_a_value() {
    assert!(is_undefined(&()));
    assert!(is_undefined(&OrUndefined::<u8>::Undefined));
    assert!(is_undefined(&Echo(OrUndefined::Undefined)));
    assert!(is_undefined(&Transparent { data: OrUndefined::Undefined }));
}

#[test]
fn responses_with_one() {
    assert!(!is_undefined(&Value::Null));
    assert!(!is_undefined(&None::<u8>));
    assert!(!is_undefined(&Unit));
    assert!(!is_undefined(&OrUndefined::Value(())));
    assert!(!is_undefined(&OrUndefined::Value(Value::Null)));
    assert!(!is_undefined(&json!({ "a": [1] })));
    assert!(!is_undefined(&vec![OrUndefined::<u8>::Undefined]));
    assert!(!is_undefined(&"text"));
    assert!(!is_undefined(&Fields { count: 1 }));
    assert!(!is_undefined(&(1, 'x', 2.5)));
    assert!(!is_undefined(&std::time::Duration::ZERO));
    assert!(!is_undefined(&raw("[1]")));
    assert!(!is_undefined(&crate::Id::new()));
}

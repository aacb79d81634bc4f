//! JavaScript's `undefined` as it comes: data that is absent.

use serde::de::value::Error as MissingError;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde_json::value::RawValue;

use crate::decode::from_text;
use crate::undefined::OR_UNDEFINED;

/// Reads a payload that may be absent. As `()`, a unit struct, or an `Option`, absent data reads as `null` does; an
/// [`OrUndefined`](crate::OrUndefined) tells them apart.
///
/// # Errors
///
/// What does not fit, after the path to its field; or that there must be a payload.
pub(crate) fn from_data<T: DeserializeOwned>(data: Option<&RawValue>) -> Result<T, String> {
    read_data(data.map(RawValue::get))
}

/// As [`from_data`], of JSON text.
///
/// # Errors
///
/// As [`from_data`].
pub(crate) fn read_data<T: DeserializeOwned>(data: Option<&str>) -> Result<T, String> {
    match data {
        Some(data) => from_text(data),
        None => T::deserialize(Missing).map_err(|_| "the payload is missing".to_owned()),
    }
}

/// Gives what absent data can be.
struct Missing;

impl<'de> Deserializer<'de> for Missing {
    type Error = MissingError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, MissingError> {
        Err(de::Error::custom("missing"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MissingError> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MissingError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, MissingError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, MissingError> {
        if name == OR_UNDEFINED { visitor.visit_unit() } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MissingError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple tuple_struct map
        struct enum identifier
    }
}

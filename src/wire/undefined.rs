//! JavaScript's `undefined`: data that is absent, responses that have no value.

use std::any::TypeId;
use std::fmt;

use serde::de::value::Error as MissingError;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::ser::{self, Impossible, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::decode::from_text;
use crate::undefined::{OR_UNDEFINED, UNDEFINED};

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

/// Whether a value goes out as no value: `()`, by its type, and an [`OrUndefined`](crate::OrUndefined) that is
/// `Undefined`, also inside newtypes. `None` and `null` are values.
#[inline]
pub(crate) fn is_undefined<T: Serialize + ?Sized + 'static>(value: &T) -> bool {
    TypeId::of::<T>() == TypeId::of::<()>() || value.serialize(Probe).unwrap_or(false)
}

/// Asks a value what it is, and answers at its first word.
struct Probe;

/// A value of several parts: it is not `undefined`, and the rest is of no interest.
#[derive(Debug)]
struct HasParts;

impl fmt::Display for HasParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of several parts")
    }
}

impl std::error::Error for HasParts {}

impl ser::Error for HasParts {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type NoParts = Impossible<bool, HasParts>;

macro_rules! values {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, _: $type) -> Result<bool, HasParts> {
            Ok(false)
        })*
    };
}

impl Serializer for Probe {
    type Ok = bool;
    type Error = HasParts;
    type SerializeSeq = NoParts;
    type SerializeTuple = NoParts;
    type SerializeTupleStruct = NoParts;
    type SerializeTupleVariant = NoParts;
    type SerializeMap = NoParts;
    type SerializeStruct = NoParts;
    type SerializeStructVariant = NoParts;

    values! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128, serialize_f32: f32, serialize_f64: f64, serialize_char: char, serialize_str: &str,
        serialize_bytes: &[u8]
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<bool, HasParts> {
        Ok(name == UNDEFINED)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, HasParts> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, HasParts> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<bool, HasParts> {
        Ok(false)
    }

    fn serialize_unit(self) -> Result<bool, HasParts> {
        Ok(false)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<bool, HasParts> {
        Ok(false)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<bool, HasParts> {
        Ok(false)
    }

    /// Without formatting it.
    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<bool, HasParts> {
        Ok(false)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<NoParts, HasParts> {
        Err(HasParts)
    }

    fn serialize_tuple(self, _: usize) -> Result<NoParts, HasParts> {
        Err(HasParts)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<NoParts, HasParts> {
        Err(HasParts)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<NoParts, HasParts> {
        Err(HasParts)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<NoParts, HasParts> {
        Err(HasParts)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<NoParts, HasParts> {
        Err(HasParts)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<NoParts, HasParts> {
        Err(HasParts)
    }
}

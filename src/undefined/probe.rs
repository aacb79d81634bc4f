//! Whether a value is `undefined`.

use std::any::TypeId;
use std::fmt;

use serde::ser::{self, Impossible, Serialize, Serializer};

use super::UNDEFINED;

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

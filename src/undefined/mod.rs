//! JavaScript's `undefined`, where it has to be told from `null`.

mod probe;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

pub(crate) use probe::is_undefined;

/// The names by which the wire tells an [`OrUndefined`] from other types. To JSON they say nothing.
pub(crate) const OR_UNDEFINED: &str = "$nestling::OrUndefined";
pub(crate) const UNDEFINED: &str = "$nestling::Undefined";

/// JavaScript's `undefined`, or a `T`.
///
/// Most services need none of this: `()` and `Option<T>` read data that is absent as well as `null`, and a response of
/// `()` is sent as no value. This type is for who has to tell absent data from `null`, or answers now with a value and
/// now with none, where `null` is a value.
///
/// - As a payload: no data is [`Undefined`](Self::Undefined), anything else, `null` too, is read as a `T`.
/// - As a response: [`Undefined`](Self::Undefined) goes out as no value, which a NestJS client sees as a stream that
///   ends without one.
///
/// In plain JSON, which has no `undefined`, it is written as `null`.
///
/// ```
/// use nestling::OrUndefined;
///
/// let found: OrUndefined<Option<u32>> = serde_json::from_str("null").unwrap();
/// assert_eq!(found, OrUndefined::Value(None));
/// assert_eq!(serde_json::to_string(&OrUndefined::<u32>::Undefined).unwrap(), "null");
/// assert_eq!(OrUndefined::from(7).into_value(), Some(7));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OrUndefined<T> {
    /// `undefined`.
    #[default]
    Undefined,
    /// A value.
    Value(T),
}

impl<T> OrUndefined<T> {
    /// Whether it is `undefined`.
    #[must_use]
    pub const fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined)
    }

    /// The value, if there is one.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Undefined => None,
            Self::Value(value) => Some(value),
        }
    }

    /// As [`value`](Self::value), owned.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Undefined => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl<T> From<T> for OrUndefined<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: Serialize> Serialize for OrUndefined<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Undefined => serializer.serialize_unit_struct(UNDEFINED),
            Self::Value(value) => serializer.serialize_newtype_struct(OR_UNDEFINED, value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OrUndefined<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(OR_UNDEFINED, OrUndefinedVisitor(PhantomData))
    }
}

struct OrUndefinedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OrUndefinedVisitor<T> {
    type Value = OrUndefined<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or undefined")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::deserialize(deserializer).map(OrUndefined::Value)
    }

    /// Only the wire's own deserializer of absent data comes here.
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(OrUndefined::Undefined)
    }
}

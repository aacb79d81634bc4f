//! The order of object keys in a route.

//! The derives of the nestling crate.

//! Misuse does not compile, and the compiler says what to write instead.
//!
//! After a change of wording: `TRYBUILD=overwrite cargo test --test misuse`, then read the diff.

/// What the attributes of the derives may not say.
#[test]
fn a_bad_attribute_is_an_error_that_points_into_it() {
    trybuild::TestCases::new().compile_fail("tests/misuse/attributes/*.rs");
}

/// What cannot be done with messages, events and services; and its right counterpart, which compiles.
#[test]
fn a_wrong_use_is_an_error_that_says_what_to_write() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/misuse/cases/*.rs");
    cases.pass("tests/misuse/accepted/*.rs");
}

//! Misuse does not compile, and the compiler says what to write instead. Here, and not beside the crate's other tests,
//! because each of these cases is compiled with this package's few dependencies.
//!
//! After a change of wording: `TRYBUILD=overwrite cargo test -p nestling-macros --test misuse`, then read the diff.

/// What the attributes of the derives may not say; what cannot be done with messages, events and services; and its right
/// counterpart, which compiles. All in one, so that the dependencies are compiled once.
#[test]
fn a_wrong_use_is_an_error_that_says_what_to_write() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/misuse/attributes/*.rs");
    cases.compile_fail("tests/misuse/cases/*.rs");
    cases.pass("tests/misuse/accepted/*.rs");
}

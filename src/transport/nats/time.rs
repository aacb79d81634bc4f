//! Times as CloudEvents has them (RFC 3339).

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The time in UTC, to the nanosecond where it is that fine; the text of 1970 for one beyond the calendar.
pub(super) fn write(time: SystemTime) -> String {
    let nanos = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i128::try_from(after.as_nanos()).unwrap_or(i128::MAX),
        Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap_or(i128::MAX),
    };
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc3339).unwrap_or_default()
}

/// The time that a text says, if it says one.
pub(super) fn read(text: &str) -> Option<SystemTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(SystemTime::from)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64, nanos: u32) -> SystemTime {
        UNIX_EPOCH + Duration::new(seconds, nanos)
    }

    #[test]
    fn known_times() {
        for (text, time) in [
            ("1970-01-01T00:00:00Z", at(0, 0)),
            ("2026-11-23T08:00:00.123Z", at(1_795_420_800, 123_000_000)),
            ("2000-02-29T23:59:59.000000001Z", at(951_868_799, 1)),
        ] {
            assert_eq!((write(time).as_str(), read(text)), (text, Some(time)));
        }
        assert_eq!(read("2018-04-05T19:31:00+02:00"), read("2018-04-05T17:31:00Z"));
        assert_eq!(read("2018-04-05T17:31:00.5z"), Some(at(1_522_949_460, 500_000_000)));
        assert_eq!(write(UNIX_EPOCH - Duration::from_millis(1)), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "yesterday", "2018-13-05T17:31:00Z", "2018-04-05T17:31:00", "2018-04-05T25:31:00Z"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in 0_u64..200_000_000_000, nanos in 0_u32..1_000_000_000) {
            prop_assert_eq!(read(&write(at(seconds, nanos))), Some(at(seconds, nanos)));
        }
    }

    /// Some 30,000 years from now.
    #[test]
    fn what_is_beyond_the_calendar_does_no_harm() {
        assert_eq!(write(at(1_000_000_000_000, 0)), "1970-01-01T00:00:00Z");
    }
}

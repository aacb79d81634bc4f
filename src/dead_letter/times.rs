//! Times in records: whole milliseconds since the Unix epoch, so that every store keeps the same.

/// A point in time as milliseconds since the Unix epoch.
pub(super) mod millis {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    /// The milliseconds from the epoch to `time`, rounded down.
    pub(in crate::dead_letter) fn of(time: SystemTime) -> i64 {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => {
                let before = before.duration().as_nanos().div_ceil(1_000_000);
                i64::try_from(before).map_or(i64::MIN, |millis| -millis)
            }
        }
    }

    /// The time at `millis`, if the platform can tell it.
    pub(in crate::dead_letter) fn time(millis: i64) -> Option<SystemTime> {
        let distance = Duration::from_millis(millis.unsigned_abs());
        if millis < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
    }

    /// `time` without what is finer than a millisecond.
    pub(in crate::dead_letter) fn rounded(exact: SystemTime) -> SystemTime {
        time(of(exact)).unwrap_or(exact)
    }

    pub(in crate::dead_letter) fn serialize<S: Serializer>(
        time: &SystemTime,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.serialize_i64(of(*time))
    }

    pub(in crate::dead_letter) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<SystemTime, D::Error> {
        let millis = i64::deserialize(from)?;
        time(millis)
            .ok_or_else(|| D::Error::custom(format!("{millis} ms is no time that this platform knows")))
    }
}

/// A duration as milliseconds.
pub(super) mod delay_millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::dead_letter) fn serialize<S: Serializer>(
        delay: &Duration,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.serialize_u64(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX))
    }

    pub(in crate::dead_letter) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::millis;

    #[test]
    fn milliseconds_are_rounded_down_on_both_sides_of_the_epoch() {
        let fine = Duration::from_nanos(1_500_000);
        assert_eq!(millis::of(UNIX_EPOCH + fine), 1);
        assert_eq!(millis::of(UNIX_EPOCH - fine), -2);
        for millis in [0, 1, -1, 1_700_000_000_123, -62_000_000_000_000] {
            assert_eq!(millis::time(millis).map(millis::of), Some(millis));
        }
        let exact = UNIX_EPOCH + fine;
        assert_eq!(millis::rounded(exact), UNIX_EPOCH + Duration::from_millis(1));
    }
}

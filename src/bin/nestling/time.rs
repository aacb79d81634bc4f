//! Times, as people write and read them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 60 * 60;

/// Reads `500ms`, `1.5s`, `5m`, `2h`, `3d`.
///
/// # Errors
///
/// How to write it.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write it with its unit: 500ms, 1.5s, 5m, 2h, 3d".to_owned();
    let unit = text.find(|letter: char| letter.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let seconds = match &text[unit..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => DAY as f64,
        _ => return Err(wrong()),
    };
    let number: f64 = text[..unit].parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())
}

/// Reads a point in time: `2h` (ago), `2026-05-17`, or `2026-05-17T08:30:00`, in UTC.
///
/// # Errors
///
/// How to write it.
pub(crate) fn moment(text: &str) -> Result<SystemTime, String> {
    let wrong = || "write 2h (two hours ago), 2026-05-17, or 2026-05-17T08:30:00 (UTC)".to_owned();
    if let Ok(ago) = duration(text) {
        return SystemTime::now().checked_sub(ago).ok_or_else(wrong);
    }
    let (date, time) = text.trim_end_matches('Z').split_once(['T', ' ']).unwrap_or((text, "0:0:0"));
    let numbers = |text: &str, by| {
        text.split(by).map(|part| part.parse::<u64>().ok()).collect::<Option<Vec<_>>>().unwrap_or_default()
    };
    let time = match numbers(time, ':')[..] {
        [hour @ ..24, minute @ ..60] => hour * 3600 + minute * 60,
        [hour @ ..24, minute @ ..60, second @ ..60] => hour * 3600 + minute * 60 + second,
        _ => return Err(wrong()),
    };
    let [year @ 1970..=9999, month @ 1..=12, day @ 1..=31] = numbers(date, '-')[..] else {
        return Err(wrong());
    };
    let days = days_before(year, month) + day - 1;
    if civil(days) != (year, month, day) {
        return Err(format!("there is no {date}"));
    }
    Ok(UNIX_EPOCH + Duration::from_secs(days * DAY + time))
}

/// `2026-05-17 08:30:00`, in UTC.
pub(crate) fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let ((year, month, day), rest) = (civil(seconds / DAY), seconds % DAY);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

/// As [`utc`], with the milliseconds: `2026-05-17 08:30:00.250`.
pub(crate) fn utc_with_millis(time: SystemTime) -> String {
    let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_millis();
    format!("{}.{millis:03}", utc(time))
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn month_length(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from the epoch to the first of a month.
fn days_before(year: u64, month: u64) -> u64 {
    let years: u64 = (1970..year).map(|year| 365 + u64::from(is_leap(year))).sum();
    years + (1..month).map(|month| month_length(year, month)).sum::<u64>()
}

/// Year, month and day of the day that is so many after the epoch.
fn civil(mut days: u64) -> (u64, u64, u64) {
    let (mut year, mut month) = (1970, 1);
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    while days >= month_length(year, month) {
        days -= month_length(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{duration, moment, utc, utc_with_millis};

    #[test]
    fn durations() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        for text in ["5", "s", "-1s", "5 parsecs", "", "1e400s", "NaNs"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moments_are_read_as_they_are_written() {
        let time = UNIX_EPOCH + Duration::from_secs(1_709_210_096);
        assert_eq!(utc(time), "2024-02-29 12:34:56");
        assert_eq!(utc_with_millis(time + Duration::from_millis(7)), "2024-02-29 12:34:56.007");
        for text in ["2024-02-29T12:34:56Z", "2024-02-29 12:34:56"] {
            assert_eq!(moment(text), Ok(time), "{text}");
        }
        assert_eq!(moment("1970-01-01"), Ok(UNIX_EPOCH));
        for text in ["2023-02-29", "2024-13-01", "2024-01-01T24:00", "yesterday", "1969-12-31"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}

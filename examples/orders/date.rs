//! Days of the calendar.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Date {
    month: Month,
    day: u8,
}

/// A month of a year, written `YYYY-MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Month {
    year: u16,
    month: u8,
}

/// Why a text is no [`Date`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DateError {
    #[error("is not written YYYY-MM-DD")]
    Malformed,
    #[error("is not a day of the calendar")]
    NoSuchDay,
}

impl Date {
    pub(crate) fn month(self) -> Month {
        self.month
    }
}

impl Month {
    fn days(self) -> u8 {
        let leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 31,
        }
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10
            && bytes.iter().enumerate().all(|(index, byte)| match index {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shape {
            return Err(DateError::Malformed);
        }
        let number = |part: &str| part.parse::<u16>().map_err(|_| DateError::Malformed);
        let (year, month, day) = (number(&text[..4])?, number(&text[5..7])? as u8, number(&text[8..])? as u8);
        let month = Month { year, month };
        if year == 0 || !(1..=12).contains(&month.month) || !(1..=month.days()).contains(&day) {
            return Err(DateError::NoSuchDay);
        }
        Ok(Self { month, day })
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.month, self.day)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}", self.year, self.month))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_days_are_dates() {
        for text in ["1997-01-01", "1996-02-29", "2000-02-29", "1998-12-31", "0001-01-01"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in
            ["1997-02-29", "1900-02-29", "1997-04-31", "1997-13-01", "1997-00-10", "1997-01-00", "0000-01-01"]
        {
            assert_eq!(text.parse::<Date>(), Err(DateError::NoSuchDay), "{text}");
        }
        for text in [
            "",
            "1997-1-1",
            "19970101",
            "1997/01/01",
            "97-01-01",
            "1997-01-01T00",
            "+997-01-01",
            "1997-01-0١",
        ] {
            assert_eq!(text.parse::<Date>(), Err(DateError::Malformed), "{text}");
        }
    }
}

//! Exact money: whole cents, never a float.

use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An amount of dollars in whole cents. One amount that is read fits 64 bits, so that no sum overflows 128.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Cents(pub(crate) u128);

/// Why a text is no amount of dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AmountError {
    #[error("is not an amount such as 12.34")]
    Malformed,
    #[error("is less than 0")]
    Negative,
    #[error("has more than two decimals")]
    TooManyDecimals,
    #[error("is too large")]
    TooLarge,
}

impl FromStr for Cents {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (dollars, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(dollars) || !digits(decimals) {
            return Err(AmountError::Malformed);
        }
        if decimals.len() > 2 {
            return Err(AmountError::TooManyDecimals);
        }
        let cents = format!("{dollars}{decimals:0<2}").parse::<u64>().map_err(|_| AmountError::TooLarge)?;
        if negative && cents > 0 {
            return Err(AmountError::Negative);
        }
        Ok(Self(cents.into()))
    }
}

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|amount| amount.0).sum())
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("${}.{:02}", grouped(self.0 / 100), self.0 % 100))
    }
}

/// A count with commas between its thousands.
pub(crate) fn grouped(count: impl Into<u128>) -> String {
    let digits = count.into().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_cent() {
        for (text, cents) in
            [("0", 0), ("0.00", 0), ("-0.00", 0), ("7", 700), ("29.3", 2930), ("29.33", 2933)]
        {
            assert_eq!(text.parse(), Ok(Cents(cents)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        use AmountError::{Malformed, Negative, TooLarge, TooManyDecimals};
        let long = "9".repeat(40);
        for (text, error) in [
            ("", Malformed),
            (".5", Malformed),
            ("5.", Malformed),
            ("+5", Malformed),
            ("1e3", Malformed),
            ("1,000", Malformed),
            ("$5", Malformed),
            ("NaN", Malformed),
            ("1.2.3", Malformed),
            ("٣", Malformed),
            ("-0.01", Negative),
            ("1.005", TooManyDecimals),
            ("184467440737095516.16", TooLarge),
            (long.as_str(), TooLarge),
        ] {
            assert_eq!(text.parse::<Cents>(), Err(error), "{text}");
        }
        assert_eq!("184467440737095516.15".parse(), Ok(Cents(u64::MAX.into())));
    }

    #[test]
    fn amounts_are_shown_with_commas() {
        assert_eq!(Cents(5).to_string(), "$0.05");
        assert_eq!(Cents(24_409_194).to_string(), "$244,091.94");
        assert_eq!(grouped(999_u32), "999");
        assert_eq!(grouped(1_000_000_u32), "1,000,000");
    }
}

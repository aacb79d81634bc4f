//! The order of object keys in a route: NestJS sorts them with `String.prototype.localeCompare`.

use std::cmp::Ordering;

/// What ICU's root collation compares first, in its order. A letter's two cases are equal here, and control
/// characters that are not listed do not count at all.
const RANKED: &[u8] =
    b"\t\n\x0b\x0c\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";

const RANKS: [u8; 128] = {
    let mut ranks = [0; 128];
    let mut index = 0;
    while index < RANKED.len() {
        let rank = index as u8 + 1;
        ranks[RANKED[index] as usize] = rank;
        ranks[RANKED[index].to_ascii_uppercase() as usize] = rank;
        index += 1;
    }
    ranks
};

/// Compares two keys: by rank regardless of case, the shorter first, then the lower case first.
///
/// Letters beyond ASCII come last, by code point: NestJS sorts them by the locale of its host, which no rule
/// can foresee. What `localeCompare` holds equal NestJS leaves as it came; here it goes by code point.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    ranks(left).cmp(ranks(right)).then_with(|| cases(left).cmp(cases(right))).then_with(|| left.cmp(right))
}

/// The ranks of the letters that count.
fn ranks(key: &str) -> impl Iterator<Item = u32> {
    key.chars().map(rank).filter(|rank| *rank > 0)
}

/// Whether each of the letters that count is upper case.
fn cases(key: &str) -> impl Iterator<Item = bool> {
    key.chars().filter(|letter| rank(*letter) > 0).map(|letter| letter.is_ascii_uppercase())
}

fn rank(letter: char) -> u32 {
    let code = u32::from(letter);
    // Code points beyond ASCII start at 128, above every rank.
    RANKS.get(code as usize).map_or(code, |rank| u32::from(*rank))
}

//! Bars for the terminal, in eighths of a block.

const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar for `value`, where `highest` is `width` blocks long. What is not zero shows at least an eighth.
pub(crate) fn bar(value: u128, highest: u128, width: u8) -> String {
    if highest == 0 {
        return String::new();
    }
    // Both are cut down alike where the product below would overflow.
    let excess = (u128::BITS - highest.leading_zeros()).saturating_sub(100);
    let share = (value.min(highest) >> excess) * u128::from(width) * 8;
    let eighths = share.div_ceil(highest >> excess) as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn bars_are_to_scale() {
        assert_eq!(bar(0, 100, 4), "");
        assert_eq!(bar(100, 100, 4), "████");
        assert_eq!(bar(50, 100, 4), "██");
        assert_eq!(bar(1, 1_000_000_000, 4), "▏");
        assert_eq!(bar(u128::MAX, u128::MAX, 2), "██");
        assert_eq!(bar(0, 0, 4), "");
    }
}

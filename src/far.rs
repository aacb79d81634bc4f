//! Times longer than anything lasts.

use std::time::Duration;

/// As good as never, and near enough that an [`Instant`](std::time::Instant) can be that far away: longer times, such
/// as `Duration::MAX`, are cut to it where the clock's reading is added. About 30 years, tokio's own "far future".
pub(crate) const FAR: Duration = Duration::from_secs(86_400 * 365 * 30);

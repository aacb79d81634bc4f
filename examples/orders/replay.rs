//! `--replay`: the gateway is repaired, and what it failed on is tried again.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use nestling::{Filter, ReplayOptions, Status};

use crate::gateway::Gateway;
use crate::report::count;
use crate::services::order_book::OrderBook;
use crate::shop::{self, ShopError};

/// Replays every new dead letter of the file. Returns the report, and whether none is left.
pub(crate) async fn replay(file: &Path) -> Result<(String, bool), ShopError> {
    if !file.exists() {
        return Err(ShopError::NoDeadLetters(file.to_owned()));
    }
    let gateway = Gateway::repaired();
    let node = shop::open(0, gateway.clone(), OrderBook::default(), file).await?;
    let new = || Filter::new().status(Status::New).limit(usize::MAX);
    let before = node.dead_letters().groups(new()).await?;
    let report = node.dead_letters().replay_matching(new(), ReplayOptions::new().at_once(16)).await;
    let after = node.dead_letters().groups(new()).await?;
    node.shutdown(Duration::from_secs(10)).await;

    let mut text = format!("{}\n\n", file.display());
    let left = after.iter().map(|group| group.count).sum();
    // Writing to a string cannot fail.
    let _ = count(&mut text, "dead letters", before.iter().map(|group| group.count).sum());
    for group in before {
        let times = group.count;
        let _ =
            writeln!(text, "    {times:>5} × {}, {}: {}", group.service, group.reason, group.error_message);
    }
    let _ = count(&mut text, "resolved", report.handled);
    let _ = count(&mut text, "failed again", report.failed);
    let _ = count(&mut text, "not delivered", report.not_taken);
    let _ = count(&mut text, "left", left);
    let _ = count(&mut text, "mails sent", gateway.sent());
    if let Some(error) = report.error {
        let _ = writeln!(text, "\nThe replay was cut short: {error}.");
    }
    Ok((text, left == 0))
}

//! What has happened so far, on stderr, while somebody looks.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::report::grouped;
use super::tally::{Clock, Tally};

const EVERY: Duration = Duration::from_millis(500);

/// Never ends; it erases its line when it is dropped.
pub(super) async fn show(clock: &Clock, tally: &RefCell<Tally>) {
    if !io::stderr().is_terminal() {
        return std::future::pending().await;
    }
    let _line = Line;
    loop {
        tokio::time::sleep(EVERY).await;
        let measured = Instant::now().saturating_duration_since(clock.begin);
        let text = match measured {
            Duration::ZERO => "warming up".to_owned(),
            _ => format!("{} in {:.1} s", grouped(tally.borrow().done), measured.as_secs_f64()),
        };
        let _ = write!(io::stderr(), "\r\x1b[K{text}");
    }
}

struct Line;

impl Drop for Line {
    fn drop(&mut self) {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}

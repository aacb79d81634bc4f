//! The process that is killed.

use std::cell::Cell;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::rc::Rc;

use nestling::Client;
use nestling::prelude::*;

use crate::shop::{self, Files, Paid};

pub(crate) const URL: &str = "NESTLING_CRASH_URL";
pub(crate) const FOLDER: &str = "NESTLING_CRASH_FOLDER";
pub(crate) const CARE: &str = "NESTLING_CRASH_CARE";
/// The numbers of its events begin here, and it emits this many.
pub(crate) const FIRST: &str = "NESTLING_CRASH_FIRST";
pub(crate) const EVENTS: &str = "NESTLING_CRASH_EVENTS";

/// How many emit at once.
const EMITTERS: usize = 16;

/// Whether effects commit with the record that their event was handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    Transactions,
    None,
}

pub(crate) fn is_child() -> bool {
    std::env::var_os(FOLDER).is_some()
}

/// Emits, handles, and says what was acknowledged, until it is killed or its input ends.
pub(crate) fn run() {
    let text = |name| std::env::var(name).unwrap();
    let files = Files(PathBuf::from(text(FOLDER)));
    let care = if text(CARE) == "none" { Care::None } else { Care::Transactions };
    let (first, events): (u64, u64) = (text(FIRST).parse().unwrap(), text(EVENTS).parse().unwrap());
    actix::System::new().block_on(async move {
        let node = shop::start(&text(URL), &files, care).await;
        say("ready");
        let next = Rc::new(Cell::new(first));
        for _ in 0..EMITTERS {
            actix::spawn(emit(node.client(), Rc::clone(&next), first + events));
        }
        let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
        let report = node.shutdown(Duration::from_secs(20)).await;
        say(if report.drained { "drained" } else { "not drained" });
    });
}

async fn emit(client: Client, next: Rc<Cell<u64>>, end: u64) {
    while next.get() < end {
        let n = next.replace(next.get() + 1);
        // What failed is not acknowledged; it may be there all the same.
        if client.emit_confirmed(Paid { n }).await.is_ok() {
            say(&format!("acknowledged {n}"));
        }
    }
}

/// A line with an end that tells whether it is whole.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("{text}.\n").as_bytes());
    let _ = out.flush();
}

//! What both tests of durable events and a broker that restarts do.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::future::{join, join_all};

use crate::harness::{
    Guarantee, Happened, Numbers, PATIENCE, Seen, Serving, Signal, Transport, Verdict, arrive,
};

const EMITTERS: u32 = 50;

/// Emits while the broker is ended at one third and at two thirds, each event until it is acknowledged.
pub(super) async fn hold(transport: &dyn Transport, signal: Signal) -> Verdict {
    let count = transport.many();
    let seen = Seen::default();
    let _server = transport.serve(Serving::node("shop").crowd("audit", seen.taking())).await;
    let caller = transport.caller().await;
    let acknowledged = RefCell::new(BTreeSet::new());
    let (refused, last) = (Cell::new(0_u32), Cell::new(Instant::now()));
    let emit = join_all((0..EMITTERS).map(async |emitter| {
        for number in 0..count / EMITTERS {
            let event = || caller.client().emit_confirmed(Happened::new(emitter, number));
            while event().timeout(Duration::from_secs(2)).await.is_err() {
                refused.set(refused.get() + 1);
                if last.get().elapsed() > PATIENCE {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            acknowledged.borrow_mut().insert((emitter, number));
            last.set(Instant::now());
        }
    }));
    let restart = async {
        let mut restarts = 0;
        for third in 1..=2 {
            if arrive(PATIENCE, (count * third / 3) as usize, || acknowledged.borrow().len()).await {
                transport.stop_broker(signal).await;
                transport.start_broker().await;
                restarts += 1;
            }
        }
        restarts
    };
    let (_, restarts) = join(emit, restart).await;
    let acknowledged = acknowledged.take();
    let confirmed = acknowledged.len();
    Guarantee::GoesOn.ensure(confirmed == count as usize && restarts == 2, || {
        format!(
            "{confirmed} of {count} are acknowledged, after {restarts} restarts and {} refusals",
            refused.get()
        )
    })?;
    arrive(transport.patience(), confirmed, || seen.distinct()).await;
    let handled: BTreeSet<_> = seen.events().iter().map(|event| (event.emitter, event.number)).collect();
    let lost: Numbers = acknowledged.difference(&handled).copied().collect();
    Guarantee::NothingLost.ensure(lost.is_empty(), || {
        format!("acknowledged and not handled, with {} refusals: {lost:?}", refused.get())
    })
}

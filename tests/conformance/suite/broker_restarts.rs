//! What both tests of durable events and a broker that restarts do.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;

use crate::harness::{Guarantee, Happened, Seen, Serving, Signal, Transport, Verdict, arrive};

const EMITTERS: u32 = 50;

/// Emits while the broker is ended at one third and at two thirds, each event until it is acknowledged.
pub(super) async fn hold(transport: &dyn Transport, signal: Signal) -> Verdict {
    let patience = transport.patience();
    let count = transport.many();
    let seen = Seen::default();
    let _server = transport.serve(Serving::node("shop").crowd("audit", seen.taking())).await;
    let caller = transport.caller().await;
    let (acknowledged, refused) = (RefCell::new(BTreeSet::new()), Cell::new(0_u32));
    let emit = join_all((0..EMITTERS).map(async |emitter| {
        for number in 0..count / EMITTERS {
            let event = || caller.client().emit_confirmed(Happened::new(emitter, number));
            while event().timeout(Duration::from_secs(2)).await.is_err() {
                refused.set(refused.get() + 1);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            acknowledged.borrow_mut().insert((emitter, number));
        }
    }));
    let restart = async {
        for third in 1..=2 {
            let reached = (count * third / 3) as usize;
            if !arrive(patience, reached, || acknowledged.borrow().len()).await {
                return;
            }
            transport.stop_broker(signal).await;
            transport.start_broker().await;
        }
    };
    let all = async {
        futures::join!(emit, restart);
    };
    let progress = async {
        while arrive(patience * 4, acknowledged.borrow().len() + 1, || acknowledged.borrow().len()).await {}
    };
    tokio::select! {
        () = all => {}
        () = progress => {}
    }
    let acknowledged = acknowledged.take();
    let confirmed = acknowledged.len();
    Guarantee::GoesOn
        .ensure(confirmed as u32 == count, || format!("{confirmed} of {count} are acknowledged"))?;
    arrive(patience, confirmed, || seen.distinct()).await;
    let handled: BTreeSet<_> = seen.events().iter().map(|event| (event.emitter, event.number)).collect();
    let lost: Vec<_> = acknowledged.difference(&handled).collect();
    println!("{confirmed} acknowledged, {} refused, {} handled", refused.get(), handled.len());
    Guarantee::NothingLost.ensure(lost.is_empty(), || format!("acknowledged and not handled: {lost:?}"))
}

//! A reader that goes is told to the service: its stream is dropped, and others run on.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures::{StreamExt, stream};

use crate::harness::{CountUp, Fault, Guarantee, Serving, Transport, Verdict, arrive, within};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::KeepsStreams, Guarantee::StreamDropped)];

/// How many streams run, of which the first one's reader stays.
const STREAMS: usize = 4;

/// Counts its drops.
struct Dropped(Rc<Cell<usize>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let dropped = Rc::new(Cell::new(0));
    let counts = {
        let dropped = Rc::clone(&dropped);
        Serving::node("maths").counting(Rc::new(move |_| {
            let guard = Dropped(Rc::clone(&dropped));
            let endless = stream::unfold((0, guard), async |(number, guard)| {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Some((Ok(number), (number + 1, guard)))
            });
            endless.boxed_local()
        }))
    };
    let _server = transport.serve(counts).await;
    let caller = transport.caller().await;
    let mut stays = None;
    for _ in 0..STREAMS {
        let mut items = caller.client().stream(CountUp { to: u64::MAX });
        for expected in 0..5 {
            let item = within(transport.patience(), items.next()).await.flatten();
            Guarantee::ItemsWhole.ensure(item == Some(Ok(expected)), || format!("{expected} is {item:?}"))?;
        }
        stays.get_or_insert(items);
    }
    let told = arrive(transport.patience(), STREAMS - 1, || dropped.get()).await;
    Guarantee::StreamDropped.ensure(told, || format!("{} of {} have ended", dropped.get(), STREAMS - 1))?;
    let next = within(transport.patience(), stays.unwrap().next()).await.flatten();
    Guarantee::ItemsWhole.ensure(next == Some(Ok(5)) && dropped.get() == STREAMS - 1, || format!("{next:?}"))
}

//! A node closes within its limit, also while handlers hang, also when it is closed again and at once with others; what
//! waits for it is told, and what comes after is refused without waiting.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{join, join_all};
use futures::{StreamExt, stream};

use crate::harness::{
    Double, Fault, Feature, Guarantee, Happened, PATIENCE, Serving, Transport, Verdict, answering, arrive,
    taking, within,
};

pub(crate) const TWINS: &[(Fault, Guarantee)] = &[(Fault::HangsAtClose, Guarantee::CloseEnds)];

/// How long a node may drain that has nothing to do: it does not wait for it.
const LONG: Duration = Duration::from_secs(600);

/// How long a node may drain, in vain.
const LIMIT: Duration = Duration::from_millis(200);

/// A node whose handlers never end; `hanging` counts what they have in hand.
fn hanging(node: &str, hanging: &Rc<Cell<usize>>) -> Serving {
    let begin = |hanging: &Rc<Cell<usize>>| {
        let hanging = Rc::clone(hanging);
        move || hanging.set(hanging.get() + 1)
    };
    let (request, event) = (begin(hanging), begin(hanging));
    let never = answering(move |_| {
        request();
        pending()
    });
    let stuck = taking(move |_| {
        event();
        pending()
    });
    Serving::node(node).answering(never).ordered("stuck", stuck)
}

pub(crate) async fn holds(transport: &dyn Transport) -> Verdict {
    let patience = transport.patience();
    let in_hand = Rc::new(Cell::new(0));
    let server = transport.serve(hanging("shop", &in_hand)).await;
    let mut others = Vec::new();
    if transport.has(Feature::nodes) {
        for index in 0..4 {
            let nothing = Rc::new(|_| stream::empty().boxed_local());
            let idle = Serving::node(&format!("other {index}")).counting(nothing);
            others.push(transport.serve(idle).await);
        }
    }
    let caller = transport.caller().await;
    let client = caller.client().clone();
    let waits = {
        let asked = client.send(Double::of(1)).timeout(Duration::from_secs(3_600));
        tokio::task::spawn_local(asked.into_future())
    };
    for number in 0..10 {
        client.emit(Happened::new(0, number));
    }
    let begun = arrive(PATIENCE, 2, || in_hand.get()).await;
    Guarantee::Answered.ensure(begun, || "the handlers have not begun".to_owned())?;

    let closing = join(
        join(server.close(LIMIT), server.close(LIMIT)),
        join_all(others.iter().map(|it| it.close(LONG))),
    );
    let closed = within(LIMIT + patience, closing).await;
    let Some(((first, second), _)) = closed else {
        return Err(Guarantee::CloseEnds.broken(format!("it does not end within {LIMIT:?} and {patience:?}")));
    };
    let drained = first.or(second).is_none_or(|report| report.drained);
    Guarantee::CloseEnds.ensure(!drained, || "a handler hangs, and all is done".to_owned())?;
    let told = within(patience, waits).await;
    let refused = matches!(told, Some(Ok(Err(_))));
    Guarantee::CloseEnds.ensure(refused, || format!("the request in hand is told {told:?}"))?;

    let again = within(patience, async {
        server.close(LIMIT).await;
        join(caller.close(LONG), caller.close(LONG)).await;
        caller.close(LONG).await;
    });
    Guarantee::CloseEnds.ensure(again.await.is_some(), || "closing again does not end".to_owned())?;
    let after = within(patience, async {
        client.emit(Happened::new(0, 10));
        (
            client.send(Double::of(2)).await.is_err(),
            client.emit_confirmed(Happened::new(0, 11)).await.is_err(),
        )
    });
    let after = after.await;
    Guarantee::CloseEnds.ensure(after == Some((true, true)), || format!("a closed node's client: {after:?}"))
}

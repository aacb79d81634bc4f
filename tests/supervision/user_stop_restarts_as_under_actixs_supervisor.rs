//! `ctx.stop()` restarts the same instance, as under actix's own Supervisor. Nothing is lost, and an actor that stops
//! whenever it starts does not run hot.

use std::cell::Cell;
use std::rc::Rc;

use crate::support::*;
use nestling::prelude::*;

async fn stops_and_goes_on(node: Node, log: Log) {
    let (client, address) = (node.client(), node.addr::<Worker>().unwrap());
    // Each with a success behind it, so that each restart is at once.
    for (n, kind) in (0..).step_by(10).zip([Kind::Sync, Kind::Act, Kind::Future, Kind::Sync]) {
        emit(&client, kind, n + 1, "stop");
        emit(&client, kind, n + 2, "ok");
        let mail = futures::future::join(
            ask_address(&address, Kind::Sync, n + 3, "stop"),
            ask_address(&address, Kind::Sync, n + 4, "ok"),
        );
        let (mail, request) = futures::join!(mail, ask(&client, kind, n + 5, "ok"));
        assert_eq!(mail, (Ok(Ok(n + 3)), Ok(Ok(n + 4))), "{kind:?}: {:?}", log.lines());
        assert_eq!(request, Ok(n + 5));
        until("events are handled", || log.has(&format!("handled {} by 0", n + 2))).await;
    }
    assert_eq!(restarts(&node), 8);
    assert_eq!(log.starting_with("started"), ["started 0"; 9]);
    assert_eq!(log.starting_with("restarting"), ["restarting 0"; 8]);
    let report = node.shutdown(Duration::from_secs(5)).await;
    let total = report.stats.total();
    assert_eq!((total.delivered, total.handled), (8, 8));
}

#[actix::test]
async fn with_a_value() {
    let log = Log::default();
    stops_and_goes_on(value::<Plain>(&log).await, log).await;
}

#[actix::test]
async fn with_a_factory() {
    let log = Log::default();
    stops_and_goes_on(factory::<Plain>(&log).await, log).await;
}

#[actix::test]
async fn a_panic_after_a_stop_still_brings_a_fresh_instance() {
    let log = Log::default();
    let node = factory::<Stops>(&log).await;
    let address = node.addr::<Worker<Stops>>().unwrap();
    for n in 0..3 {
        assert!(ask_address(&address, Kind::Sync, n, "stop and panic").await.is_err());
        assert_eq!(ask(&node.client(), Kind::Sync, 10, "ok").await, Ok(10), "{:?}", log.lines());
        assert!(log.has(&format!("handled 10 by {}", n + 1)), "{:?}", log.lines());
    }
}

struct Stops;
impl Declares for Stops {}

#[tokio::test(start_paused = true)]
async fn an_actor_that_always_stops_waits_longer_and_longer() {
    local(async {
        let started = Rc::new(Cell::new(0));
        let counted = Rc::clone(&started);
        struct Restless(Rc<Cell<u32>>);
        impl Actor for Restless {
            type Context = Context<Self>;
            fn started(&mut self, ctx: &mut Context<Self>) {
                self.0.set(self.0.get() + 1);
                ctx.stop();
            }
        }
        impl Supervised for Restless {}
        impl Service for Restless {
            const NAME: &'static str = "restless";
            fn patterns(_: &mut Patterns<Self>) {}
        }
        let node =
            Node::builder("test").service_with(move |_| Restless(Rc::clone(&counted))).start().await.unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
        let times = started.get();
        assert!((10..60).contains(&times), "{times} starts in a minute");
        drop(node);
    })
    .await;
}

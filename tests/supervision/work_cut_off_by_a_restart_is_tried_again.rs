//! An event whose response actix drove, and which a restart cut off that it did not cause, is tried again without
//! spending an attempt. What the inbox drives survives the restart.

use crate::support::*;
use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("parcel.sent")]
struct Sent {
    seconds: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("van.crashed")]
struct Crashed;

/// Its parcels are futures in the actor's context, which a restart clears.
struct Courier(Log);
impl Actor for Courier {
    type Context = Context<Self>;
}
impl Supervised for Courier {}
impl Service for Courier {
    const NAME: &'static str = "courier";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Delivery<Sent>>().event::<Crashed>().lane();
    }
}
impl Handler<Delivery<Sent>> for Courier {
    type Result = actix::ActorResponse<Self, Result<(), EventError>>;
    fn handle(&mut self, sent: Delivery<Sent>, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("begun, attempt {}", sent.attempt()));
        let work = tokio::time::sleep(Duration::from_secs(sent.seconds)).into_actor(self);
        actix::ActorResponse::r#async(work.map(|(), courier, _| {
            courier.0.push("delivered");
            Ok(())
        }))
    }
}
impl Handler<Crashed> for Courier {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Crashed, _: &mut Context<Self>) -> Self::Result {
        panic!("crashed")
    }
}

#[tokio::test(start_paused = true)]
async fn what_actix_drove_is_begun_again_as_the_same_attempt() {
    local(async {
        let log = Log::default();
        let node = Node::builder("test").service(Courier(log.clone())).start().await.unwrap();
        node.client().emit(Sent { seconds: 10 });
        until("it is begun", || log.has("begun, attempt 1")).await;
        node.client().emit(Crashed);
        until("it is handled", || node.stats().total().handled == 1).await;
        assert_eq!(log.lines(), ["begun, attempt 1", "begun, attempt 1", "delivered"]);
        let parcels = node.stats().subscription("courier", "parcel.sent").unwrap();
        assert_eq!((parcels.handled, parcels.retried, parcels.dead_lettered), (1, 0, 0));
        assert!(node.stats().balances());
    })
    .await;
}

struct Lanes;
impl Declares for Lanes {
    fn patterns(patterns: &mut Patterns<Worker<Self>>) {
        all(patterns);
    }
}

#[tokio::test(start_paused = true)]
async fn handler_futures_of_the_inbox_survive_a_restart() {
    local(async {
        let log = Log::default();
        let node = factory::<Lanes>(&log).await;
        let client = node.client();
        let resting = [(1, Kind::Future), (2, Kind::Act)]
            .map(|(n, kind)| tokio::task::spawn_local(ask(&client, kind, n, "rest")));
        emit(&client, Kind::Act, 3, "rest");
        until("all rest", || log.starting_with("begun").len() == 3).await;
        assert!(ask(&client, Kind::Sync, 4, "panic").await.is_err());
        assert!(ask_address(&node.addr::<Worker<Lanes>>().unwrap(), Kind::Sync, 5, "panic").await.is_err());
        for (n, rested) in (1..).zip(resting) {
            assert_eq!(rested.await.unwrap(), Ok(n));
        }
        until("the event too", || node.stats().total().handled == 1).await;
        assert_eq!(restarts(&node), 2);
        for n in 1..4 {
            assert_eq!(log.starting_with(&format!("begun {n}")).len(), 1, "begun once");
        }
        assert!(log.has("handled 3 by 2"), "it ends in the instance of the day: {:?}", log.lines());
    })
    .await;
}

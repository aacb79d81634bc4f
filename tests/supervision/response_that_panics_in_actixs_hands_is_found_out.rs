//! actix does not tell whose future panicked in its hands, so an event that is there each time is blamed after three
//! restarts that cut it off: it becomes a dead letter, and the events behind it are handled.

use crate::support::*;
use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("parcel.opened")]
struct Opened {
    poisonous: bool,
}

struct Opener(Log);
impl Actor for Opener {
    type Context = Context<Self>;
}
impl Supervised for Opener {}
impl Service for Opener {
    const NAME: &'static str = "opener";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Opened>();
    }
}
impl Handler<Opened> for Opener {
    type Result = actix::ActorResponse<Self, Result<(), EventError>>;
    fn handle(&mut self, opened: Opened, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("begun, poisonous: {}", opened.poisonous));
        let work = tokio::time::sleep(Duration::from_millis(5)).into_actor(self);
        actix::ActorResponse::r#async(work.map(move |(), _, _| {
            assert!(!opened.poisonous, "poison");
            Ok(())
        }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_poisonous_event_is_a_dead_letter_and_the_next_is_handled() {
    local(async {
        let log = Log::default();
        let node = Node::builder("test").service(Opener(log.clone())).start().await.unwrap();
        node.client().emit(Opened { poisonous: true });
        node.client().emit(Opened { poisonous: false });
        until("both have ended", || {
            let total = node.stats().total();
            total.handled == 1 && total.dead_lettered == 1
        })
        .await;
        let begun = log.starting_with("begun, poisonous: true").len();
        assert_eq!(begun, 4, "once, and again after each of three restarts");
        let letters = node.dead_letters().list(Filter::new()).await.unwrap().letters;
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].reason, letters[0].attempts), (Reason::Panic, 1));
        assert!(letters[0].error_message.contains("again and again"), "{}", letters[0].error_message);
        assert!(node.stats().balances());
    })
    .await;
}

//! What a broker delivers is settled exactly once, and the ledger balances whatever becomes of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::SubscriptionStats;
use crate::event::Envelope;
use crate::prelude::*;
use crate::supervisor::{Arrival, BrokerReceipt, Confirm, Resume, Settlement, Settlements};

const LONG: Duration = Duration::from_secs(6);

/// What its handler does with it.
#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("broker.event")]
enum Event {
    Succeed,
    Fail,
    /// Ends when the test lets it.
    Wait,
}

struct Broker {
    node: Node,
    subscription: Subscription,
    teller: mpsc::UnboundedSender<(u64, Settlement)>,
    settlements: Settlements,
    confirm: Arc<Confirm>,
    /// Lets what waits go on.
    gate: watch::Sender<bool>,
}

impl Broker {
    async fn new(options: SubscribeOptions) -> Self {
        let node = Node::builder("test").start().await.unwrap();
        let (gate, open) = watch::channel(false);
        let subscription = node.subscribe::<Event>(
            options.name("consumer"),
            async move |event: Delivery<Event>| match *event {
                Event::Succeed => Ok(()),
                Event::Fail => Err(EventError::msg(format!("attempt {}", event.attempt()))),
                Event::Wait => {
                    let _ = open.clone().wait_for(|open| *open).await;
                    Ok(())
                }
            },
        );
        let (teller, settlements) = mpsc::unbounded_channel();
        Self { node, subscription, teller, settlements, confirm: Arc::default(), gate }
    }

    fn deliver(&self, token: u64, event: Event) {
        self.deliver_again(token, event, None);
    }

    fn deliver_again(&self, token: u64, event: Event, resume: Option<Resume>) {
        let envelope = Envelope::new(Metadata::new(Route::from("broker.event"), None, None, None), event);
        let receipt = BrokerReceipt::new(token, &self.teller);
        let (attempt, history, since) =
            resume.map_or((1, None, None), |resume| (resume.attempt, resume.history, resume.since));
        let arrival = Arrival { attempt, history, since, receipt };
        let inbox = self.node.services.inboxes().remove(0);
        inbox.deliver_from_broker(0, &(Arc::new(envelope) as _), arrival, &self.confirm);
    }

    async fn told(&mut self) -> (u64, Settlement) {
        let settlement = tokio::time::timeout(Duration::from_secs(60), self.settlements.recv()).await;
        let settlement = settlement.expect("it is told in time").expect("this has a sender too");
        assert_eq!(self.stats().imbalance(), 0, "{:?}", self.stats());
        settlement
    }

    fn stats(&self) -> SubscriptionStats {
        self.subscription.stats()
    }
}

async fn local(test: impl Future<Output = ()>) {
    tokio::task::LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn handled_and_dead_lettered_are_told_once_each() {
    local(async {
        let mut broker = Broker::new(SubscribeOptions::new().retry(Retry::immediate(2))).await;
        broker.deliver(1, Event::Succeed);
        broker.deliver(2, Event::Fail);
        assert!(matches!(broker.told().await, (1, Settlement::Handled)));
        assert!(matches!(broker.told().await, (2, Settlement::DeadLettered)));
        let stats = broker.stats();
        assert_eq!((stats.delivered, stats.handled, stats.dead_lettered, stats.retried), (2, 1, 1, 2));
        let letters = broker.node.dead_letters().list(Filter::default()).await.unwrap();
        assert_eq!(letters.letters[0].attempts, 3);
        assert!(broker.settlements.try_recv().is_err(), "told twice");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_long_delay_goes_back_with_what_is_needed_to_go_on() {
    local(async {
        let retry = Retry::exponential(2).first_delay(LONG).factor(1.0).jitter(false);
        let mut broker = Broker::new(SubscribeOptions::new().retry(retry)).await;
        broker.deliver(1, Event::Fail);
        let (1, Settlement::Returned(Some(resume))) = broker.told().await else { panic!("it goes back") };
        assert_eq!((resume.attempt, resume.delay), (2, LONG));
        assert_eq!(broker.stats().returned, 1);
        broker.deliver_again(2, Event::Fail, Some(resume));
        let (2, Settlement::Returned(Some(resume))) = broker.told().await else { panic!("it goes back") };
        assert_eq!(resume.attempt, 3);
        broker.deliver_again(3, Event::Fail, Some(resume));
        assert!(matches!(broker.told().await, (3, Settlement::DeadLettered)));
        let letters = broker.node.dead_letters().list(Filter::default()).await.unwrap();
        let errors: Vec<_> =
            letters.letters[0].attempt_log.iter().map(|attempt| attempt.error.as_str()).collect();
        assert_eq!(
            (letters.letters[0].attempts, errors.join(", ")),
            (3, "attempt 1, attempt 2, attempt 3".to_owned())
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_short_delay_is_waited_out_here() {
    local(async {
        let retry = Retry::exponential(1).first_delay(LONG / 2).jitter(false);
        let mut broker = Broker::new(SubscribeOptions::new().retry(retry)).await;
        broker.deliver(1, Event::Fail);
        assert!(matches!(broker.told().await, (1, Settlement::DeadLettered)));
        assert_eq!(broker.stats().returned, 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_and_in_hand_goes_back_when_the_subscription_ends() {
    local(async {
        let mut broker = Broker::new(SubscribeOptions::new()).await;
        broker.deliver(1, Event::Wait);
        broker.deliver(2, Event::Succeed);
        // One of the node's own, which nobody takes back.
        broker.node.client().emit(Event::Succeed);
        while broker.stats().in_flight == 0 || broker.stats().queued < 2 {
            tokio::task::yield_now().await;
        }
        let inbox = broker.node.services.inboxes().remove(0);
        inbox.close(Reason::Unsubscribed);
        assert!(matches!(broker.told().await, (2, Settlement::Returned(None))));
        inbox.stop();
        assert!(matches!(broker.told().await, (1, Settlement::Returned(None))));
        let stats = broker.stats();
        assert_eq!((stats.delivered, stats.returned, stats.dead_lettered), (3, 2, 1));
        // Nor does it take anything any more.
        broker.deliver(3, Event::Succeed);
        assert!(matches!(broker.told().await, (3, Settlement::Returned(None))));
        assert_eq!(broker.stats().delivered, 3);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_room_is_taken_back_without_being_delivered() {
    local(async {
        let mut broker = Broker::new(SubscribeOptions::new().capacity(1)).await;
        for token in 1..=3 {
            broker.deliver(token, Event::Wait);
            tokio::task::yield_now().await;
        }
        while broker.stats().in_flight == 0 || broker.stats().queued == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(broker.stats().delivered, 2);
        broker.confirm.cancel();
        let _ = broker.gate.send(true);
        let mut told = Vec::new();
        for _ in 0..3 {
            told.push(broker.told().await);
        }
        told.sort_by_key(|(token, _)| *token);
        assert!(matches!(
            told[..],
            [(1, Settlement::Handled), (2, Settlement::Handled), (3, Settlement::Returned(None))]
        ));
        assert_eq!(broker.stats().delivered, 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn suppressed_duplicates_are_counted_beside_the_ledger() {
    local(async {
        let broker = Broker::new(SubscribeOptions::new()).await;
        broker.node.services.inboxes().remove(0).suppressed(0);
        assert_eq!((broker.stats().suppressed, broker.stats().delivered), (1, 0));
        assert_eq!(broker.stats().imbalance(), 0);
    })
    .await;
}

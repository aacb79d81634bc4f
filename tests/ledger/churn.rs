//! Subscribers that come and go, and which events must have reached them meanwhile.

use std::sync::Arc;

use nestling::prelude::*;

use crate::emitters::{PerEmitter, Progress};
use crate::workers::{Beta, World};

/// So many come and go; more would only make the ledger long.
const MOST: usize = 200;

/// A subscriber's time, told by how far each emitter was. What an emitter was in the middle of at either end may have
/// reached the subscriber or not.
#[derive(Debug)]
pub(crate) struct Stay {
    pub(crate) name: String,
    /// What had been emitted before it came: none of that reaches it.
    pub(crate) before: PerEmitter,
    /// What was begun after it had come: all of that reaches it.
    pub(crate) from: PerEmitter,
    /// What had been emitted when it was about to go: it has all before that.
    pub(crate) until: PerEmitter,
    /// What was begun after it had gone: none of that reaches it.
    pub(crate) after: PerEmitter,
}

/// All that come and go during a run.
pub(crate) struct Churn {
    random: fastrand::Rng,
    here: Vec<(Subscription, Stay)>,
    gone: Vec<Stay>,
}

/// A subscriber to what is emitted most.
pub(crate) fn subscribe(node: &Node, world: &Arc<World>, name: String) -> Subscription {
    let (world, service) = (Arc::clone(world), name.clone());
    let options =
        SubscribeOptions::new().name(name).retry(Retry::immediate(1)).timeout(Duration::from_millis(40));
    node.subscribe::<Beta>(options, async move |event: Delivery<Beta>| {
        world.fate(&service, event.0, event.attempt()).in_time().await?;
        world.record(&service, "chaos.beta", event.0);
        Ok(())
    })
}

impl Churn {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), here: Vec::new(), gone: Vec::new() }
    }

    /// Now and then one comes, or one goes.
    pub(crate) fn turn(&mut self, node: &Node, world: &Arc<World>, progress: &Progress) {
        let made = self.here.len() + self.gone.len();
        if self.here.len() < 4 && made < MOST {
            let name = format!("churn-{made}");
            let before = progress.emitted();
            let subscription = subscribe(node, world, name.clone());
            let from = progress.begun();
            // Unless it goes earlier, it has all.
            let (until, after) = ([u64::MAX; _], [u64::MAX; _]);
            self.here.push((subscription, Stay { name, before, from, until, after }));
        } else if self.random.u8(..) < 64 {
            self.leave(progress);
        }
    }

    /// One goes, if more than one is left.
    pub(crate) fn leave(&mut self, progress: &Progress) {
        if self.here.len() < 2 {
            return;
        }
        let (subscription, mut stay) = self.here.swap_remove(self.random.usize(..self.here.len()));
        stay.until = progress.emitted();
        drop(subscription);
        stay.after = progress.begun();
        self.gone.push(stay);
    }

    /// The ledgers of those that are here balance, also while the node ends and tells nobody its own numbers.
    pub(crate) fn assert_balanced(&self) {
        for (subscription, stay) in &self.here {
            let ledger = subscription.stats();
            assert_eq!(ledger.imbalance(), 0, "{}: {ledger:?}", stay.name);
        }
    }

    /// Everybody's time. The last ones have stayed to the end.
    pub(crate) fn stays(self) -> Vec<Stay> {
        let here = self.here.into_iter().map(|(subscription, stay)| {
            subscription.keep();
            stay
        });
        self.gone.into_iter().chain(here).collect()
    }
}

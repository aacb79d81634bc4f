//! How often who is killed, and when.

use std::str::FromStr;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// How often the process is killed.
    pub(crate) kills: u32,
    /// How often of these the broker is too.
    pub(crate) broker_kills: u32,
}

/// What happens in one life of the process.
#[derive(Debug)]
pub(crate) struct Life {
    /// When it is killed, after it is ready.
    pub(crate) kill_after: Duration,
    pub(crate) broker: Option<BrokerDies>,
}

/// How the broker goes with it.
#[derive(Debug)]
pub(crate) enum BrokerDies {
    Before(Duration),
    After(Duration),
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}=`{text}` is no number")))
}

impl Plan {
    pub(crate) fn short() -> Self {
        let seed = variable("NESTLING_CRASH_SEED").unwrap_or_else(|| fastrand::u64(..1_000_000));
        Self { seed, kills: 8, broker_kills: 2 }
    }

    pub(crate) fn from_environment() -> Self {
        let short = Self::short();
        let kills = variable("NESTLING_CRASH_KILLS").unwrap_or(short.kills);
        let broker_kills = variable("NESTLING_CRASH_BROKER_KILLS").unwrap_or(short.broker_kills);
        Self { kills, broker_kills: broker_kills.min(kills), ..short }
    }

    /// The lives, one after the other.
    pub(crate) fn lives(&self) -> Vec<Life> {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let with_broker = random.choose_multiple(0..self.kills, self.broker_kills as usize);
        let life = |n| {
            let gap = Duration::from_millis(random.u64(..60));
            let dies = if random.bool() { BrokerDies::Before(gap) } else { BrokerDies::After(gap) };
            Life {
                kill_after: Duration::from_millis(random.u64(20..700)),
                broker: with_broker.contains(&n).then_some(dies),
            }
        };
        (0..self.kills).map(life).collect()
    }
}

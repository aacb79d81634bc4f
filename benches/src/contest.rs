//! Contestants measured in turns.
//!
//! criterion measures one contestant after the other, seconds apart; on a shared machine that is far enough for the
//! clock to change. The ratios therefore come from short rounds in which every contestant has its turn, a few
//! milliseconds apart, and are the median over the rounds.

use std::time::Duration;

use criterion::Criterion;

use crate::ratios::{Column, Table};

/// How long one turn of the first contestant should take, unless a bench says otherwise: long against a timer's grain,
/// short against the machine's moods.
const TURN: Duration = Duration::from_millis(2);
/// How many rounds a contest has.
const ROUNDS: usize = 200;
/// The longest that the rounds of one contest may take, for contestants much slower than the first.
const LIMIT: Duration = Duration::from_secs(20);

/// One contestant, set up and ready to run its workload any number of times.
pub struct Contestant {
    name: &'static str,
    run: Box<dyn FnMut(u64) -> Duration>,
}

impl Contestant {
    /// `run` does the workload so many times and says how long that took.
    pub fn new(name: &'static str, run: impl FnMut(u64) -> Duration + 'static) -> Self {
        Self { name, run: Box::new(run) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs the workload `times`.
    pub fn run(&mut self, times: u64) -> Duration {
        (self.run)(times)
    }
}

/// One bench: its contests, and the table at its end.
pub struct Bench {
    name: &'static str,
    criterion: Criterion,
    mode: Mode,
    turn: Duration,
    table: Table,
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// criterion's figures, then the table.
    Full,
    /// The table alone: `RATIOS_ONLY=1`.
    Ratios,
    /// Every workload once: `-- --test`.
    Test,
}

impl Bench {
    /// A bench that reads its options from the command line, as criterion does.
    #[must_use]
    pub fn from_args(name: &'static str) -> Self {
        let mode = if std::env::args().any(|arg| arg == "--test") {
            Mode::Test
        } else if std::env::var_os("RATIOS_ONLY").is_some() {
            Mode::Ratios
        } else {
            Mode::Full
        };
        let criterion = Criterion::default()
            .sample_size(20)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(1))
            .configure_from_args();
        Self { name, criterion, mode, turn: TURN, table: Table::new(name) }
    }

    /// With turns as long as that, for workloads that take long to get going.
    #[must_use]
    pub fn turns_of(self, turn: Duration) -> Self {
        Self { turn, ..self }
    }

    /// Whether every workload is to run just once, to see that it works.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.mode == Mode::Test
    }

    /// Measures `contestants` against the first of them; `goals` are ratios that some of them must not exceed.
    pub fn contest(&mut self, title: &str, mut contestants: Vec<Contestant>, goals: &[(&'static str, f64)]) {
        if self.mode == Mode::Full {
            let mut group = self.criterion.benchmark_group(format!("{}/{title}", self.name));
            for contestant in &mut contestants {
                let run = &mut contestant.run;
                group.bench_function(contestant.name, |bencher| bencher.iter_custom(&mut *run));
            }
            group.finish();
        }
        if self.mode == Mode::Test {
            for contestant in &mut contestants {
                contestant.run(1);
                println!("{}, {title}, {}: ran", self.name, contestant.name);
            }
        } else {
            self.table.push(rounds(title, &mut contestants, self.turn).with_goals(goals));
        }
    }

    /// Prints the table.
    pub fn finish(self) {
        self.criterion.final_summary();
        if self.mode != Mode::Test {
            println!("\n{}", self.table);
        }
    }
}

fn rounds(title: &str, contestants: &mut [Contestant], turn: Duration) -> Column {
    let times = calibrate(&mut contestants[0], turn);
    let round: Duration = contestants.iter_mut().map(|contestant| contestant.run(times)).sum();
    let rounds = ROUNDS.min((LIMIT.as_secs_f64() / round.as_secs_f64()) as usize).max(5);
    let mut column = Column::new(title);
    for round in 0..rounds {
        // Each round starts one further on, so that nobody always follows the same neighbour.
        for turn in 0..contestants.len() {
            let index = (round + turn) % contestants.len();
            let contestant = &mut contestants[index];
            contestant.run(times / 10 + 1);
            let time = contestant.run(times).as_secs_f64() / times as f64;
            column.turn(contestant.name, time);
        }
    }
    column
}

/// How often `contestant` does its workload in one turn.
fn calibrate(contestant: &mut Contestant, turn: Duration) -> u64 {
    let mut times = 1;
    loop {
        let elapsed = contestant.run(times);
        if elapsed >= turn / 2 || times >= 1 << 30 {
            return ((times as f64 * turn.as_secs_f64() / elapsed.as_secs_f64()) as u64).max(1);
        }
        times *= 2;
    }
}

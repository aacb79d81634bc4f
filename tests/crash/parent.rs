//! Starts the process, kills it, starts it again.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::books::Books;
use crate::child::{CARE, Care, EVENTS, FIRST, FOLDER, URL};
use crate::nats_server::NatsServer;
use crate::plan::{BrokerDies, Life, Plan};
use crate::shop::Files;

/// How many events a process emits, if it lives long enough.
const EVENTS_A_LIFE: u64 = 150;

/// How long the last process may take to handle what is left.
const PATIENCE: Duration = Duration::from_secs(120);

type Acknowledged = Arc<Mutex<BTreeSet<u64>>>;

/// Runs the plan; returns what is there afterwards.
pub(crate) fn run(test: &str, plan: &Plan, care: Care) -> Books {
    let lives = plan.lives();
    tell(&format!("{test}: {plan:?}"));
    let folder = tempfile::tempdir().unwrap();
    let files = Files(folder.path().to_owned());
    let mut server = NatsServer::jetstream();
    let acknowledged = Acknowledged::default();
    let mut brokers = 0;
    for (n, life) in lives.iter().enumerate() {
        let first = n as u64 * EVENTS_A_LIFE;
        let run = Process::start(test, &server, &files, care, first, EVENTS_A_LIFE, &acknowledged);
        run.end(life, &mut server);
        brokers += u32::from(life.broker.is_some());
        if life.broker.is_some() || (n + 1) % 5 == 0 {
            let acknowledged = acknowledged.lock().unwrap().len();
            tell(&format!(
                "  killed {}/{}, the broker {brokers}/{}; {acknowledged} events acknowledged",
                n + 1,
                plan.kills,
                plan.broker_kills
            ));
        }
    }
    let began = Instant::now();
    let last = Process::start(test, &server, &files, care, 0, 0, &acknowledged);
    wait_until_handled(&server);
    last.finish();
    tell(&format!("  what was left took {:.1?}", began.elapsed()));
    let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
    Books::read(&files, acknowledged)
}

/// One life of the process.
struct Process {
    child: Child,
    reader: JoinHandle<bool>,
    ready: Receiver<()>,
}

impl Process {
    fn start(
        test: &str,
        server: &NatsServer,
        files: &Files,
        care: Care,
        first: u64,
        events: u64,
        acknowledged: &Acknowledged,
    ) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            .env(URL, server.url())
            .env(FOLDER, &files.0)
            .env(CARE, if care == Care::None { "none" } else { "transactions" })
            .env(FIRST, first.to_string())
            .env(EVENTS, events.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell_ready, ready) = channel();
        let acknowledged = Arc::clone(acknowledged);
        let reader = thread::spawn(move || {
            let mut drained = false;
            // A line that the kill has cut short has no end, and says nothing.
            for line in out.lines().map_while(Result::ok) {
                // libtest may have begun the first line.
                let Some(said) = line.strip_suffix('.') else { continue };
                if let Some((_, n)) = said.split_once("acknowledged ") {
                    acknowledged.lock().unwrap().insert(n.parse().unwrap());
                } else if said.ends_with("ready") {
                    let _ = tell_ready.send(());
                }
                drained |= said == "drained";
            }
            drained
        });
        Self { child, reader, ready }
    }

    fn wait_until_ready(&self) {
        self.ready.recv_timeout(Duration::from_secs(30)).expect("the process does not get ready");
    }

    /// Lives its life, and is killed.
    fn end(mut self, life: &Life, server: &mut NatsServer) {
        self.wait_until_ready();
        // The random moment is the test.
        thread::sleep(life.kill_after);
        match &life.broker {
            None => self.child.kill().unwrap(),
            Some(BrokerDies::Before(gap)) => {
                server.kill();
                thread::sleep(*gap);
                self.child.kill().unwrap();
            }
            Some(BrokerDies::After(gap)) => {
                self.child.kill().unwrap();
                thread::sleep(*gap);
                server.kill();
            }
        }
        self.child.wait().unwrap();
        self.reader.join().unwrap();
        if life.broker.is_some() {
            server.begin();
        }
    }

    /// Lets it shut down.
    fn finish(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
        assert!(self.reader.join().unwrap(), "the last process has not drained");
    }
}

/// Waits until no consumer has anything left to deliver or unanswered.
fn wait_until_handled(server: &NatsServer) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (began, mut told) = (Instant::now(), Instant::now());
    runtime.block_on(async {
        let context = async_nats::jetstream::new(async_nats::connect(server.url()).await.unwrap());
        loop {
            let (consumers, left) = left(&context).await;
            if consumers >= 3 && left == 0 {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{left} events are still not handled");
            if told.elapsed() > Duration::from_secs(5) {
                told = Instant::now();
                tell(&format!("  {left} events are left"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}

/// How many consumers there are, and how much they have to deliver or wait for.
async fn left(context: &async_nats::jetstream::Context) -> (usize, u64) {
    use futures::TryStreamExt;

    let stream = context.get_stream("ORDERS").await.unwrap();
    let infos: Vec<_> = stream.consumers().try_collect().await.unwrap();
    (infos.len(), infos.iter().map(|info| info.num_pending + info.num_ack_pending as u64).sum())
}

/// Says something though tests are silent: a long run should not look dead.
fn tell(text: &str) {
    let mut out = std::io::stderr();
    let _ = writeln!(out, "{text}");
}

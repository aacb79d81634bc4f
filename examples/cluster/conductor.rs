//! The process that starts the others, feeds them, kills one of them, and reports.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use nestling::{Filter, SqliteReader};

use crate::cli::{Cli, Role};
use crate::error::ClusterError;
use crate::ledger::{Ledger, Row};
use crate::process::Process;
use crate::purchases::Purchases;
use crate::report::Report;
use crate::role;
use crate::server::Server;
use crate::services::{analytics, users};
use crate::stream::Shop;
use crate::{feed, progress, state};

/// Every subscription of the shop: its service, its pattern, and the route that it takes.
const SUBSCRIPTIONS: [(Role, &str, &str); 6] = [
    (Role::Users, "order.created", "order.created"),
    (Role::Notifications, "order.created", "order.created"),
    (Role::Notifications, "user.created", "user.created"),
    (Role::Analytics, "order.created", "order.created"),
    (Role::Audit, "order.>", "order.created"),
    (Role::Audit, "user.>", "user.created"),
];

/// Runs the cluster. Returns the report, and whether all went well.
pub(crate) async fn run(cli: &Cli) -> Result<(String, bool), ClusterError> {
    let file = short(&cli.purchases);
    let purchases =
        Purchases::open(&file).map_err(|problem| ClusterError::Purchases { file: file.clone(), problem })?;
    let folder = Folder::new(cli.data.as_deref())?;
    let data = folder.path.clone();
    let server = match cli.nats {
        Some(_) => None,
        None => Some(Server::start(&data)?),
    };
    let nats =
        cli.nats.clone().or_else(|| server.as_ref().map(|server| server.url.clone())).unwrap_or_default();

    let bar = progress::bar(&file, cli.verbose);
    let mut cluster = Cluster {
        nats: nats.clone(),
        data: data.clone(),
        stock: cli.stock,
        verbose: cli.verbose,
        running: Vec::new(),
    };
    for role in Role::ALL.into_iter().rev() {
        bar.set_message(format!("starting {}", role.name()));
        cluster.start(role).await?;
    }
    let node = role::node(&nats).start().await?;
    let client = node.client();

    let began = Instant::now();
    let length = fs::metadata(&file).map_or(0, |metadata| metadata.len());
    let feeding = feed::feed(&client, &file, purchases, cli.in_flight.into(), &bar);
    let killing = cluster.kill_half_way(cli.kill.role(), &bar, length);
    let ((fed, end), killed) = futures::join!(feeding, killing);
    killed?;
    node.shutdown(Duration::from_secs(10)).await;
    bar.set_message("waiting for the last events");
    let shop = Shop::open(&nats).await?;
    let last = cluster.end(&shop).await?;
    bar.finish_and_clear();
    let elapsed = began.elapsed();

    let of = |role| state::read(&state::file(&data, role));
    let letters = SqliteReader::open(state::file(&data, Role::Notifications))?;
    let mut dead_by_reason = BTreeMap::new();
    for group in letters.groups(&Filter::new().limit(usize::MAX))? {
        *dead_by_reason.entry(group.reason).or_default() += group.count;
    }
    let report = Report {
        customers: users::customers(&of(Role::Users)?)?,
        removed_orders: last.removed_orders,
        sales: analytics::sales(&of(Role::Analytics)?)?,
        audited: state::events(&of(Role::Audit)?)?,
        mails: state::events(&of(Role::Notifications)?)?.values().sum(),
        dead_by_reason,
        ledger: ledger(&shop, &data, last.restarts).await?,
        elapsed,
        dead_letters: state::file(&data, Role::Notifications),
        file: file.clone(),
        fed,
    };
    drop(server);
    folder.leave(report.ledger.dead_lettered() > 0);
    let mut text = report.to_string();
    if let Some(killed) = cli.kill.role() {
        text += &format!("The process of {} was killed half-way, and started again.\n", killed.name());
    }
    if let Err(problem) = end {
        let _ = io::stdout().write_all(text.as_bytes());
        return Err(ClusterError::Interrupted { file, problem });
    }
    let clean = report.fed.bad_rows == 0 && report.fed.unanswered == 0 && report.ledger.balances();
    Ok((text, clean))
}

/// The running processes.
struct Cluster {
    nats: String,
    data: PathBuf,
    stock: u64,
    verbose: bool,
    running: Vec<(Role, Process)>,
}

/// What all processes have said at their ends, together.
#[derive(Debug, Default)]
struct Last {
    restarts: u64,
    removed_orders: u64,
}

impl Cluster {
    async fn start(&mut self, role: Role) -> Result<(), ClusterError> {
        let process = Process::start(role, &self.nats, &self.data, self.stock, self.verbose).await?;
        self.running.push((role, process));
        Ok(())
    }

    fn take(&mut self, role: Role) -> Option<Process> {
        let index = self.running.iter().position(|(running, _)| *running == role)?;
        Some(self.running.remove(index).1)
    }

    /// Kills a process when half of the file has been read, and starts it again.
    async fn kill_half_way(
        &mut self,
        victim: Option<Role>,
        bar: &ProgressBar,
        length: u64,
    ) -> Result<(), ClusterError> {
        let Some(victim) = victim else { return Ok(()) };
        while bar.position() <= length / 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if let Some(process) = self.take(victim) {
            process.kill();
        }
        self.start(victim).await
    }

    /// Ends all, each when it has nothing left to do.
    async fn end(&mut self, shop: &Shop) -> Result<Last, ClusterError> {
        let mut all = Last::default();
        for role in Role::ALL {
            shop.idle(role).await?;
            let Some(process) = self.take(role) else { continue };
            let last = process.end().await?;
            all.restarts += last.restarts;
            all.removed_orders += last.removed_orders;
        }
        Ok(all)
    }
}

async fn ledger(shop: &Shop, data: &Path, restarts: u64) -> Result<Ledger, ClusterError> {
    let mut rows = Vec::new();
    for (role, pattern, route) in SUBSCRIPTIONS {
        let file = state::file(data, role);
        let handled = state::events(&state::read(&file)?)?;
        let dead = SqliteReader::open(&file)?.groups(&Filter::new().route(route).limit(usize::MAX))?;
        rows.push(Row {
            service: role.name(),
            pattern,
            published: shop.published(route).await?,
            handled: handled.get(route).copied().unwrap_or(0),
            dead: dead.iter().map(|group| group.count).sum(),
        });
    }
    Ok(Ledger { emitted: shop.published(">").await?, restarts, rows })
}

/// Where the services' files are: a temporary folder, unless one was named.
struct Folder {
    path: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

impl Folder {
    fn new(named: Option<&Path>) -> Result<Self, ClusterError> {
        let failed = |folder: &Path| {
            let folder = folder.to_owned();
            move |problem| ClusterError::Folder { folder, problem }
        };
        match named {
            Some(path) => {
                fs::create_dir(path).map_err(failed(path))?;
                Ok(Self { path: path.to_owned(), temporary: None })
            }
            None => {
                let temporary = tempfile::Builder::new()
                    .prefix("cluster-")
                    .tempdir()
                    .map_err(failed(&std::env::temp_dir()))?;
                Ok(Self { path: temporary.path().to_owned(), temporary: Some(temporary) })
            }
        }
    }

    /// Keeps a temporary folder if there is something in it to go on with.
    fn leave(self, keep: bool) {
        if let Some(temporary) = self.temporary
            && keep
        {
            let _ = temporary.keep();
        }
    }
}

/// A path below the current directory is told as such.
fn short(path: &Path) -> PathBuf {
    let below =
        std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    below.filter(|below| !below.as_os_str().is_empty()).unwrap_or_else(|| path.to_owned())
}

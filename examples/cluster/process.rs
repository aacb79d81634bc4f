//! The processes of the cluster, one a service.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::cli::Role;
use crate::error::ClusterError;

/// How long a process may take to start, and to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a process says on its stdout when it serves.
pub(crate) const READY: &str = "ready";

/// What a process says of itself at its end, on a line of JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct LastWords {
    pub(crate) restarts: u64,
    /// Orders that were saved and removed again.
    pub(crate) removed_orders: u64,
}

/// A running service. It does not outlive the example.
#[derive(Debug)]
pub(crate) struct Process {
    role: Role,
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Process {
    /// Starts a service and waits until it serves.
    pub(crate) async fn start(
        role: Role,
        nats: &str,
        data: &Path,
        stock: u64,
        verbose: bool,
    ) -> Result<Self, ClusterError> {
        let failed = |problem: std::io::Error| problem_of(role, &format!("does not start: {problem}"));
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(["--role", role.name(), "--nats", nats, "--stock", &stock.to_string()]);
        command.arg("--data").arg(data);
        if verbose {
            command.arg("--verbose");
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let (tell, lines) = mpsc::unbounded_channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| tell.send(line))
            });
        }
        let mut process = Self { role, child, lines };
        match process.line().await? {
            line if line == READY => Ok(process),
            line => Err(problem_of(role, &format!("says `{line}` in place of `{READY}`"))),
        }
    }

    async fn line(&mut self) -> Result<String, ClusterError> {
        match tokio::time::timeout(PATIENCE, self.lines.recv()).await {
            Ok(Some(line)) => Ok(line),
            Ok(None) => Err(problem_of(self.role, "has ended; stderr says why")),
            Err(_) => Err(problem_of(self.role, &format!("has said nothing for {PATIENCE:?}"))),
        }
    }

    /// Ends it as a power cut of its process would.
    pub(crate) fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, which drains it, and waits for its last words.
    pub(crate) async fn end(mut self) -> Result<LastWords, ClusterError> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            return Err(problem_of(self.role, "cannot be told to end"));
        }
        let line = self.line().await?;
        let last = serde_json::from_str(&line)
            .map_err(|error| problem_of(self.role, &format!("ends with `{line}`: {error}")))?;
        let _ = self.child.wait();
        Ok(last)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn problem_of(role: Role, problem: &str) -> ClusterError {
    ClusterError::Process { role: role.name(), problem: problem.to_owned() }
}

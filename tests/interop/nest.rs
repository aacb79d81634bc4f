//! The programs of NestJS, in `nest/`.

use std::path::Path;
use std::process::Command;

use crate::program::Program;

pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/nest");

/// A major version of NestJS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nest {
    V11 = 11,
    V12 = 12,
}

impl Nest {
    pub(crate) fn major(self) -> u64 {
        self as u64
    }

    /// Its client, that calls the service at `address`.
    pub(crate) fn client(self, address: &str) -> Program {
        Program::start(&mut self.program("client.js", address))
    }

    /// Its reference service, and where that listens.
    pub(crate) async fn service(self) -> (Program, String) {
        self.service_at("127.0.0.1:0").await
    }

    pub(crate) async fn service_at(self, address: &str) -> (Program, String) {
        let mut service = Program::start(&mut self.program("service.js", address));
        let address = service.address().await;
        (service, address)
    }

    fn program(self, script: &str, address: &str) -> Command {
        let mut command = node(FOLDER);
        command.args([script, "--nest", &self.major().to_string(), transport_of(address), address]);
        command
    }
}

/// The flag that says how the other end is reached.
pub(crate) fn transport_of(address: &str) -> &'static str {
    if address.starts_with("nats://") { "--nats" } else { "--tcp" }
}

/// Node.js, in a folder whose packages are installed.
pub(crate) fn node(folder: &str) -> Command {
    let installed = Path::new(folder).join("node_modules").exists();
    assert!(installed, "NestJS is not installed: run `npm ci` in {folder}, or `.ci/run interop`");
    let mut command = Command::new("node");
    command.current_dir(folder);
    command
}

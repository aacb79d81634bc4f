//! The examples, as programs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::nest::transport_of;
use crate::program::Program;

/// Built here, because `cargo test --test interop` builds no examples and would run old ones.
static EXAMPLES: LazyLock<PathBuf> = LazyLock::new(|| {
    let this = std::env::current_exe().expect("a test has a path");
    // target/<profile>/deps/<test>
    let profile = this.parent().and_then(Path::parent).expect("tests lie two folders deep");
    let name = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--features", "tls,cli,nats,interop", "--profile", name])
        .args(["--example", "nest_reference", "--example", "nest_bridge"])
        .arg("--target-dir")
        .arg(profile.parent().expect("a profile lies in the target folder"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the examples do not build");
    profile.join("examples")
});

/// An example, to be run.
pub(crate) fn example(name: &str) -> Command {
    let mut command = Command::new(EXAMPLES.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)));
    command.env_remove("RUST_LOG");
    command
}

/// The reference service in Rust, and where it listens.
pub(crate) async fn reference() -> (Program, String) {
    reference_at("127.0.0.1:0").await
}

pub(crate) async fn reference_at(address: &str) -> (Program, String) {
    let mut service = Program::start(example("nest_reference").args([transport_of(address), address]));
    let address = service.address().await;
    (service, address)
}

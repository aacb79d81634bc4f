//! Runs the examples' binaries.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// Built here, because `cargo test --test cluster` builds no examples and would run old ones.
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
        .args(["--example", "orders", "--example", "cluster", "--target-dir"])
        .arg(profile.parent().expect("a profile lies in the target folder"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the examples do not build");
    profile.join("examples")
});

/// Runs an example in this folder.
pub(crate) fn run(name: &str, args: &[&str], folder: &Path) -> Output {
    Command::new(EXAMPLES.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .args(args)
        .current_dir(folder)
        .env("TMPDIR", folder)
        .env_remove("RUST_LOG")
        .output()
        .expect("the example runs")
}

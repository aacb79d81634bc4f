//! Runs the example's binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

/// A directory of its own, in which the example runs.
pub(crate) struct Shop {
    dir: TempDir,
}

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Built here, because `cargo test --test orders` builds no examples and would run an old one.
static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let this = std::env::current_exe().expect("a test has a path");
    // target/<profile>/deps/<test>
    let profile = this.parent().and_then(Path::parent).expect("tests lie two folders deep");
    let name = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", "orders", "--profile", name])
        .arg("--target-dir")
        .arg(profile.parent().expect("a profile lies in the target folder"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the example does not build");
    profile.join("examples").join(format!("orders{}", std::env::consts::EXE_SUFFIX))
});

impl Shop {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory for the run") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).expect("the directory takes a file");
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&*BINARY);
        command.args(args).current_dir(self.dir.path()).env_remove("RUST_LOG");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.command(args).output().expect("the example runs").into()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the example writes UTF-8");
        Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Run {
    /// What the report's line of this label says, without the spaces around it.
    pub(crate) fn value(&self, label: &str) -> &str {
        self.stdout
            .lines()
            .find_map(|line| line.trim().strip_prefix(label).filter(|rest| rest.starts_with("  ")))
            .unwrap_or_else(|| panic!("no `{label}` in the report:\n{}\n{}", self.stdout, self.stderr))
            .trim()
    }

    /// The same as a number.
    pub(crate) fn count(&self, label: &str) -> u64 {
        let value = self.value(label).replace(',', "");
        value.parse().unwrap_or_else(|_| panic!("`{label}` is no number: {value}"))
    }

    /// The number before an `of`, or the only one.
    pub(crate) fn part(&self, label: &str) -> &str {
        self.value(label).split(" of ").next().unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn expect(&self, status: i32) -> &Self {
        assert_eq!(self.status, Some(status), "{}\n{}", self.stdout, self.stderr);
        self
    }
}

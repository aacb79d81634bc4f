//! A `nestling tap` that runs beside its test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use crate::support::{Run, command};

/// A running tap. It is killed when it is dropped.
pub(crate) struct Tapping {
    child: Child,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
    said: String,
}

impl Tapping {
    /// Returns when it listens.
    pub(crate) fn begin(args: &[&str]) -> Self {
        let mut child =
            command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the tool runs");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let err = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut tapping = Self { child, out, err, said: String::new() };
        tapping.says("listening to");
        tapping
    }

    /// Waits until it has said this on stderr.
    pub(crate) fn says(&mut self, what: &str) {
        loop {
            let mut line = String::new();
            let read = self.err.read_line(&mut line).expect("it writes UTF-8");
            assert!(read > 0, "it ended without `{what}`: {}", self.said);
            self.said.push_str(&line);
            if line.contains(what) {
                return;
            }
        }
    }

    /// The next line of its stdout.
    pub(crate) fn prints(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("it writes UTF-8");
        line.trim_end().to_owned()
    }

    /// Ends it as Ctrl-C would.
    pub(crate) fn interrupt(&self) {
        let done = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(done.expect("`kill` is there").success());
    }

    /// Waits for its end, and for what it has printed that was not read yet.
    pub(crate) fn end(mut self) -> Run {
        let mut stdout = String::new();
        self.out.read_to_string(&mut stdout).expect("it writes UTF-8");
        self.err.read_to_string(&mut self.said).expect("it writes UTF-8");
        let status = self.child.wait().expect("it ends").code();
        Run { status, stdout, stderr: std::mem::take(&mut self.said) }
    }
}

impl Drop for Tapping {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Another program, told and asked by lines of JSON.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How long any one line may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

const NO_PANIC: &str = "nobody panics while listening";

/// A running program; it does not outlive its test.
pub(crate) struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: UnboundedReceiver<String>,
    /// What it has said on stderr, for the test that fails.
    said: Arc<Mutex<String>>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
        let (tell, lines) = unbounded_channel();
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let said = Arc::<Mutex<String>>::default();
        let (mut stderr, heard) = (child.stderr.take().expect("it is piped"), Arc::clone(&said));
        std::thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut some) {
                heard.lock().expect(NO_PANIC).push_str(&String::from_utf8_lossy(&some[..read]));
            }
        });
        Self { stdin: child.stdin.take(), child, lines, said }
    }

    /// The next line on its stdout; none if it has closed it.
    pub(crate) async fn next_line(&mut self) -> Option<String> {
        match tokio::time::timeout(PATIENCE, self.lines.recv()).await {
            Ok(line) => line,
            Err(_) => panic!("no line within {PATIENCE:?}; on stderr: {}", self.said()),
        }
    }

    fn said(&self) -> String {
        self.said.lock().expect(NO_PANIC).clone()
    }

    pub(crate) async fn line(&mut self) -> String {
        match self.next_line().await {
            Some(line) => line,
            None => panic!("the program has ended; on stderr: {}", self.said()),
        }
    }

    pub(crate) async fn json(&mut self) -> Value {
        let line = self.line().await;
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}"))
    }

    /// The address after `listening `.
    pub(crate) async fn address(&mut self) -> String {
        let line = self.line().await;
        line.strip_prefix("listening ").unwrap_or_else(|| panic!("no address: {line}")).to_owned()
    }

    pub(crate) fn tell(&mut self, command: &Value) {
        let stdin = self.stdin.as_mut().expect("its stdin is open");
        writeln!(stdin, "{command}").and_then(|()| stdin.flush()).expect("the program reads");
    }

    /// Tells it these commands at once, and gives their outcomes in the same order.
    pub(crate) async fn ask(&mut self, commands: impl IntoIterator<Item = Value>) -> Vec<Value> {
        let mut outcomes = Vec::new();
        for mut command in commands {
            command["id"] = json!(outcomes.len());
            self.tell(&command);
            outcomes.push(None);
        }
        while outcomes.iter().any(Option::is_none) {
            let mut outcome = self.json().await;
            let id = outcome.as_object_mut().and_then(|outcome| outcome.remove("id"));
            let index = id.as_ref().and_then(Value::as_u64).expect("an outcome names its command");
            outcomes[index as usize] = Some(outcome);
        }
        outcomes.into_iter().flatten().collect()
    }

    pub(crate) async fn ask_one(&mut self, command: Value) -> Value {
        self.ask([command]).await.remove(0)
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it can be waited for");
    }

    /// Asks it to end by SIGTERM, and waits until it has: the lines that it printed meanwhile, and its status.
    pub(crate) async fn end(&mut self) -> (Vec<String>, ExitStatus) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
        self.ended().await
    }

    /// Waits until it has ended by itself: the lines that it printed meanwhile, and its status.
    pub(crate) async fn ended(&mut self) -> (Vec<String>, ExitStatus) {
        let mut lines = Vec::new();
        while let Some(line) = self.next_line().await {
            lines.push(line);
        }
        // It has closed its stdout, so that this takes no time.
        (lines, self.child.wait().expect("it can be waited for"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

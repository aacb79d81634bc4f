//! `nestling dead-letters show`.

use nestling::{DeadLetter, Id, SqliteReader};
use serde_json::Value;

use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::time::utc;

/// Shows one letter with all it has
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The letter's id, as `list` shows it
    #[arg(value_name = "ID")]
    id: String,

    /// Print it as one line of JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, reader: &SqliteReader, output: &mut Output) -> Result<(), Failure> {
    let unknown = || Failure::Nobody(format!("no dead letter has the id {}", args.id));
    let letter = reader.get(&Id::from(args.id.as_str()))?.ok_or_else(unknown)?;
    if args.json {
        return output.json(&letter);
    }
    let mut line = |name: &str, text: &str| {
        let indented = plain(text).replace('\n', &format!("\n{:16}", ""));
        let name = output.bold(&format!("{name:16}"));
        output.line(format_args!("{name}{indented}"))
    };
    rows(&letter)
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .try_for_each(|(name, text)| line(name, &text))
}

fn rows(letter: &DeadLetter) -> Vec<(&'static str, String)> {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let attempts = letter.attempt_log.iter().map(|attempt| format!("{}  {}", utc(attempt.at), attempt.error));
    let headers = letter.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    vec![
        ("id", letter.id.to_string()),
        ("status", letter.status.to_string()),
        ("replays", letter.replay_count.to_string()),
        ("service", letter.service.clone()),
        ("pattern", letter.route.as_str().to_owned()),
        ("subscription", letter.subscription.clone()),
        ("reason", letter.reason.to_string()),
        ("error", letter.error_message.clone()),
        ("error type", letter.error_type.clone()),
        ("caused by", letter.error_chain.join("\n")),
        ("panicked at", optional(&letter.panic_location)),
        ("attempts", letter.attempts.to_string()),
        ("", attempts.collect::<Vec<_>>().join("\n")),
        ("emitted", utc(letter.emitted_at)),
        ("first failed", utc(letter.first_failed_at)),
        ("failed", utc(letter.failed_at)),
        ("event id", letter.event_id.to_string()),
        ("correlation id", letter.correlation_id.to_string()),
        ("causation id", letter.causation_id.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("traceparent", optional(&letter.traceparent)),
        ("headers", headers.collect::<Vec<_>>().join("\n")),
        ("node", format!("{} {} on {}, process {}", letter.node, letter.version, letter.host, letter.pid)),
        ("fingerprint", letter.fingerprint.clone()),
        ("payload", pretty(letter.payload.get())),
    ]
}

/// With line breaks, for people; `--json` has it as it came.
fn pretty(json: &str) -> String {
    serde_json::from_str::<Value>(json)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| json.to_owned())
}

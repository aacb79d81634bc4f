//! What was measured, as text and as JSON.

use serde::Serialize;

use super::Args;
use super::tally::Tally;
use crate::failure::Failure;
use crate::output::Output;

/// What was measured.
#[derive(Serialize)]
pub(super) struct Report {
    url: String,
    pattern: String,
    connections: u32,
    /// In all; none of events.
    in_flight: Option<u64>,
    seconds: f64,
    /// Requests that were answered in that time, or events that were handed over.
    count: u64,
    per_second: f64,
    errors: u64,
    unanswered: u64,
    latency_us: Option<Latencies>,
}

#[derive(Serialize)]
struct Latencies {
    p50: f64,
    p90: f64,
    p99: f64,
    #[serde(rename = "p99.9")]
    p999: f64,
    max: f64,
}

impl Report {
    pub(super) fn new(args: &Args, tally: &Tally) -> Self {
        let seconds = args.duration.as_secs_f64();
        let at = |quantile| tally.latencies.value_at_quantile(quantile) as f64 / 1e3;
        let latencies =
            || Latencies { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1.0) };
        Self {
            url: args.packet.address.to_string(),
            pattern: args.packet.pattern.get().to_owned(),
            connections: args.connections,
            in_flight: (!args.events).then(|| u64::from(args.in_flight) * u64::from(args.connections)),
            seconds,
            count: tally.done,
            per_second: if seconds > 0.0 { tally.done as f64 / seconds } else { 0.0 },
            errors: tally.errors,
            unanswered: tally.unanswered,
            latency_us: (!args.events && !tally.latencies.is_empty()).then(latencies),
        }
    }

    pub(super) fn print(&self, as_json: bool, output: &mut Output) -> Result<(), Failure> {
        if as_json {
            return output.json(self);
        }
        let what = if self.in_flight.is_some() { "requests" } else { "events" };
        let in_flight = self.in_flight.map(|n| format!("{} in flight, ", grouped(n))).unwrap_or_default();
        let connections = if self.connections == 1 { "connection" } else { "connections" };
        output.line(format_args!("{} {}", self.url, self.pattern))?;
        output.line(format_args!(
            "{in_flight}{} {connections}, {} s",
            grouped(u64::from(self.connections)),
            self.seconds
        ))?;
        output.line("")?;
        output.line(format_args!("{what:<12}{:>14}", grouped(self.count)))?;
        output.line(format_args!("{:<12}{:>14}", "per second", grouped(self.per_second as u64)))?;
        output.line(format_args!("{:<12}{:>14}", "errors", grouped(self.errors)))?;
        if self.unanswered > 0 {
            output.line(format_args!("{:<12}{:>14}", "unanswered", grouped(self.unanswered)))?;
        }
        let Some(Latencies { p50, p90, p99, p999, max }) = &self.latency_us else { return Ok(()) };
        output.line("")?;
        let row = |cells: [String; 5]| cells.map(|cell| format!("{cell:>12}")).concat();
        let head = row(["p50", "p90", "p99", "p99.9", "max"].map(str::to_owned));
        output.line(output.bold(&format!("latency {head}")))?;
        output.line(format_args!("        {}", row([p50, p90, p99, p999, max].map(|micros| time(*micros)))))
    }
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Microseconds in the unit that suits them.
fn time(micros: f64) -> String {
    match micros {
        n if n < 1e3 => format!("{n:.1} µs"),
        n if n < 1e6 => format!("{:.2} ms", n / 1e3),
        n => format!("{:.2} s", n / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, time};

    #[test]
    fn numbers_and_times_for_people() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([12.34, 1_500.0, 2_500_000.0].map(time), ["12.3 µs", "1.50 ms", "2.50 s"]);
    }
}

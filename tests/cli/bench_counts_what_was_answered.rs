//! `bench` counts what was answered, and nothing else.

use std::io::Read;
use std::sync::atomic::Ordering;
use std::sync::mpsc;

use crate::support::{by_hand, desk, run, run_beside};

const SHORT: [&str; 5] = ["--duration", "300ms", "--warmup", "50ms", "--json"];

fn with<'a>(args: &[&'a str]) -> Vec<&'a str> {
    args.iter().chain(&SHORT).copied().collect()
}

#[actix::test]
async fn requests_and_their_latencies() {
    let (_node, url, summed) = desk().await;
    let args = ["bench", &url, r#"{"cmd":"sum"}"#, "[1,2]", "--in-flight", "4", "--connections", "3"];
    let report = run_beside(&with(&args)).await.expect(0).json_lines().remove(0);
    let count = report["count"].as_u64().unwrap();
    assert!(count > 0 && count <= summed.load(Ordering::Relaxed), "{report}");
    assert_eq!((&report["errors"], &report["unanswered"]), (&0.into(), &0.into()), "{report}");
    assert_eq!((&report["in_flight"], &report["connections"]), (&12.into(), &3.into()), "{report}");
    let rate = report["per_second"].as_f64().unwrap();
    assert!((rate - count as f64 / 0.3).abs() < 1.0, "{report}");
    let latency = |name: &str| report["latency_us"][name].as_f64().unwrap();
    let percentiles = ["p50", "p90", "p99", "p99.9", "max"].map(latency);
    assert!(percentiles[0] > 0.0 && percentiles.is_sorted(), "{report}");
}

#[actix::test]
async fn a_table_for_people() {
    let (_node, url, _) = desk().await;
    let args = ["bench", &url, "echo", "--payload", "100", "--duration", "200ms", "--warmup", "0s"];
    let run = run_beside(&args).await.expect(0);
    assert!(
        run.stdout.starts_with(&format!("{url} \"echo\"\n64 in flight, 1 connection, 0.2 s\n")),
        "{}",
        run.stdout
    );
    for word in ["requests", "per second", "errors", "latency", "p99.9"] {
        assert!(run.stdout.contains(word), "no `{word}` in {}", run.stdout);
    }
    assert_eq!(run.stderr, "", "progress is for terminals");
}

#[actix::test]
async fn errors_are_counted_and_told() {
    let (_node, url, _) = desk().await;
    let failed = run_beside(&with(&["bench", &url, r#"{"cmd":"sum"}"#, "[]"])).await.expect(1);
    let report = &failed.json_lines()[0];
    assert_eq!(report["errors"], report["count"]);
    assert_eq!(failed.stderr, "{\"code\":7}\n");
    let failed = run_beside(&with(&["bench", &url, "summ"])).await.expect(1);
    assert!(failed.stderr.contains("no service handles"), "{}", failed.stderr);
}

#[test]
fn events_are_those_that_the_socket_took() {
    let (told, came) = mpsc::channel();
    let address = by_hand(move |mut stream| {
        let (mut buffer, mut events) = ([0; 65536], 0);
        while let Ok(bytes @ 1..) = stream.read(&mut buffer) {
            events += buffer[..bytes].iter().filter(|byte| **byte == b'#').count();
        }
        told.send(events as u64).unwrap();
    });
    let report = run(&with(&["bench", &address.to_string(), "tick", "1", "--events"]))
        .expect(0)
        .json_lines()
        .remove(0);
    let count = report["count"].as_u64().unwrap();
    let came = came.recv().unwrap();
    assert!(count > 0 && count <= came, "{report}, and {came} came");
    assert!(report["latency_us"].is_null() && report["in_flight"].is_null(), "{report}");
}

#[test]
fn a_connection_that_ends_is_told_after_what_was_measured() {
    let address = by_hand(drop).to_string();
    let lost = run(&with(&["bench", &address, "x"])).expect(3);
    assert_eq!(lost.json_lines()[0]["count"], 0);
    assert!(lost.stderr.contains(&address), "{}", lost.stderr);
}

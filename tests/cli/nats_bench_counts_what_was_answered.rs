//! `bench` over NATS counts what was answered, and nothing else.

use std::time::Duration;

use futures::StreamExt;

use crate::nats_server::NatsServer;
use crate::nats_support::{answering, body, client, header, settled};
use crate::support::run_beside;

const SHORT: [&str; 5] = ["--duration", "300ms", "--warmup", "50ms", "--json"];

fn with<'a>(args: &[&'a str]) -> Vec<&'a str> {
    args.iter().chain(&SHORT).copied().collect()
}

#[actix::test]
async fn requests_and_their_latencies() {
    let server = NatsServer::start();
    // Two items and their end are one answer.
    let replies =
        &[r#"{"response":1,"id":$ID}"#, r#"{"response":2,"id":$ID}"#, r#"{"isDisposed":true,"id":$ID}"#];
    let mut came = answering(&server, "count", replies).await;
    let url = server.url();
    let args = ["bench", &url, "count", "2", "--in-flight", "4", "--connections", "2", "--header", "a=b"];
    let report = run_beside(&with(&args)).await.expect(0).json_lines().remove(0);
    let (mut requests, mut ids) = (0, Vec::new());
    while let Ok(request) = came.try_recv() {
        assert_eq!(header(&request, "a"), Some("b"));
        ids.push(body(&request)["id"].to_string());
        requests += 1;
    }
    let count = report["count"].as_u64().unwrap();
    assert!(count > 0 && count <= requests, "{report}, {requests} came");
    assert_eq!((&report["errors"], &report["unanswered"]), (&0.into(), &0.into()), "{report}");
    assert_eq!((&report["in_flight"], &report["connections"]), (&8.into(), &2.into()), "{report}");
    assert_eq!((&report["url"], &report["pattern"]), (&url.into(), &"\"count\"".into()));
    let latency = |name: &str| report["latency_us"][name].as_f64().unwrap();
    let percentiles = ["p50", "p90", "p99", "p99.9", "max"].map(latency);
    assert!(percentiles[0] > 0.0 && percentiles.is_sorted(), "{report}");
}

#[actix::test]
async fn errors_are_counted_and_told() {
    let server = NatsServer::start();
    let _failing = answering(&server, "fail", &[r#"{"err":{"code":7},"isDisposed":true,"id":$ID}"#]).await;
    let failed = run_beside(&with(&["bench", &server.url(), "fail"])).await.expect(1);
    let report = &failed.json_lines()[0];
    assert!(report["errors"].as_u64() > Some(0));
    assert_eq!(report["errors"], report["count"]);
    assert_eq!(failed.stderr, "{\"code\":7}\n");
    let failed = run_beside(&with(&["bench", &server.url(), "nobody"])).await.expect(1);
    assert!(failed.stderr.contains("no service handles"), "{}", failed.stderr);
}

#[actix::test]
async fn events_are_those_that_the_server_took() {
    let server = NatsServer::start();
    let client = client(&server).await;
    let mut ticks = client.subscribe("tick").await.expect("it subscribes");
    settled(&client).await;
    let counted = tokio::task::spawn_local(async move {
        let mut events = 0_u64;
        while let Some(tick) = ticks.next().await {
            match body(&tick)["data"].as_i64() {
                Some(1) => events += 1,
                _ => break,
            }
        }
        events
    });
    let run = run_beside(&with(&["bench", &server.url(), "tick", "1", "--events"])).await.expect(0);
    let report = run.json_lines().remove(0);
    client.publish("tick", r#"{"data":0}"#.into()).await.expect("it publishes");
    let came = tokio::time::timeout(Duration::from_secs(60), counted).await.expect("the last one came");
    let (count, came) = (report["count"].as_u64().unwrap(), came.unwrap());
    assert!(count > 0 && count <= came, "{report}, and {came} came");
    assert!(report["latency_us"].is_null() && report["in_flight"].is_null(), "{report}");
}

#[actix::test]
async fn a_server_that_goes_is_told_after_what_was_measured() {
    let mut server = NatsServer::start();
    let mut came = answering(&server, "never", &[]).await;
    let url = server.url();
    let waiting = tokio::task::spawn_local(async move { run_beside(&with(&["bench", &url, "never"])).await });
    came.recv().await.expect("it came");
    server.kill();
    let lost = waiting.await.expect("it ends").expect(3);
    assert_eq!(lost.json_lines()[0]["count"], 0);
    assert!(lost.stderr.contains("the connection was lost"), "{}", lost.stderr);
}

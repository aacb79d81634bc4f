//! Whoever does not speak TLS, is not trusted, or takes too long over the handshake is turned away, and harms nobody.

use std::time::Instant;

use nestling::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing::Level;

use crate::certificates::Certificates;
use crate::logs::Logs;
use crate::support::{connect, echo, node, server_tls, soon};

#[actix::test]
async fn a_peer_without_tls() {
    let logs = Logs::default();
    let _collecting = logs.collect();
    let node = node(server_tls(), |tcp| tcp).await;
    let mut healthy = connect(&node, "authority", None).await.unwrap();
    let mut plain = TcpStream::connect(node.listening()[0]).await.unwrap();
    plain.write_all(br#"38#{"pattern":"nope","data":1,"id":"ID1"}"#).await.unwrap();
    let mut said = Vec::new();
    let _ = soon(plain.read_to_end(&mut said)).await;
    assert!(!String::from_utf8_lossy(&said).contains("ID1"));
    echo(&mut healthy, "hello").await.unwrap();
    let failed = logs.at(Level::WARN);
    assert_eq!(failed.iter().filter(|line| line.contains("a TLS handshake failed")).count(), 1, "{failed:?}");
}

#[actix::test]
async fn a_server_of_another_authority() {
    let node = node(server_tls(), |tcp| tcp).await;
    let error = connect(&node, "stranger", None).await.unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    echo(&mut connect(&node, "authority", None).await.unwrap(), "hello").await.unwrap();
}

#[actix::test]
async fn clients_without_a_certificate_or_with_anothers() {
    let tls = server_tls().client_certificates(Certificates::get().file("authority.pem")).unwrap();
    let node = node(tls, |tcp| tcp).await;
    for certificate in [None, Some("impostor")] {
        // In TLS 1.3 the client has finished when the server refuses it.
        if let Ok(mut stream) = connect(&node, "authority", certificate).await {
            let error = echo(&mut stream, "hello").await.unwrap_err();
            assert!(!error.to_string().is_empty(), "{certificate:?}");
        }
    }
    echo(&mut connect(&node, "authority", Some("client")).await.unwrap(), "hello").await.unwrap();
}

#[actix::test]
async fn a_handshake_that_dribbles() {
    let node = node(server_tls(), |tcp| tcp.frame_time(Duration::from_millis(200)).max_connections(2)).await;
    let mut healthy = connect(&node, "authority", None).await.unwrap();
    let began = Instant::now();
    let mut slow = TcpStream::connect(node.listening()[0]).await.unwrap();
    // The head of a message of which no more comes.
    slow.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
    let _ = soon(slow.read(&mut [0; 64])).await;
    assert!(began.elapsed() >= Duration::from_millis(150) && began.elapsed() < Duration::from_secs(5));
    echo(&mut healthy, "hello").await.unwrap();
    // Its place is another's.
    let mut other = soon(async {
        loop {
            if let Ok(stream) = connect(&node, "authority", None).await {
                break stream;
            }
        }
    })
    .await;
    echo(&mut other, "hello").await.unwrap();
}

#[actix::test]
async fn a_handshake_that_lasts_does_not_hold_up_a_shutdown() {
    let node = node(server_tls(), |tcp| tcp).await;
    let mut slow = TcpStream::connect(node.listening()[0]).await.unwrap();
    slow.write_all(&[0x16, 3, 1]).await.unwrap();
    // The node has let it in when a later one is served.
    echo(&mut connect(&node, "authority", None).await.unwrap(), "hello").await.unwrap();
    let report = node.shutdown(Duration::from_secs(10)).await;
    assert!(report.took < Duration::from_secs(3), "{:?}", report.took);
    let _ = soon(slow.read(&mut [0; 64])).await;
}

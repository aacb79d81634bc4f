//! Requests and their replies, of any size, go over TLS.

use nestling::prelude::*;
use nestling::{ServerTls, rustls};
use tokio::io::AsyncReadExt;
use tracing::Level;

use crate::certificates::Certificates;
use crate::logs::Logs;
use crate::support::{connect, echo, node, server_tls, soon};

#[actix::test]
async fn short_ones_and_long_ones() {
    let node = node(server_tls(), |tcp| tcp).await;
    let mut stream = connect(&node, "authority", None).await.unwrap();
    echo(&mut stream, "aé€😀").await.unwrap();
    // Far more than the sockets take at once.
    echo(&mut stream, &"aé€😀".repeat(1_000_000)).await.unwrap();
    echo(&mut stream, "again").await.unwrap();
}

#[actix::test]
async fn by_a_configuration_of_ones_own() {
    use rustls::pki_types::pem::PemObject;
    let certificates = Certificates::get();
    let chain = rustls::pki_types::CertificateDer::from_pem_file(certificates.file("server.pem")).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::from_pem_file(certificates.file("server.key")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    let node = node(ServerTls::from_config(config.into()), |tcp| tcp).await;
    let mut stream = connect(&node, "authority", None).await.unwrap();
    echo(&mut stream, "hello").await.unwrap();
    assert_eq!(stream.get_ref().1.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_2));
}

#[actix::test]
async fn and_a_shutdown_says_good_bye() {
    let node = node(server_tls(), |tcp| tcp).await;
    let mut stream = connect(&node, "authority", None).await.unwrap();
    echo(&mut stream, "hello").await.unwrap();
    let end = async {
        // An end without TLS's own would be an error.
        assert_eq!(soon(stream.read(&mut [0; 8])).await.unwrap(), 0);
    };
    tokio::join!(node.shutdown(Duration::from_secs(5)), end);
}

#[actix::test]
async fn and_an_open_address_warns_no_more() {
    let logs = Logs::default();
    let _collecting = logs.collect();
    let _node = node(server_tls(), |tcp| tcp.public()).await;
    assert_eq!(logs.at(Level::WARN), Vec::<String>::new());
}

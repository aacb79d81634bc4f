//! A node that speaks TLS, and a client of rustls's own.

use std::sync::Arc;
use std::time::Duration;

use nestling::prelude::*;
use nestling::rustls::crypto::ring;
use nestling::rustls::pki_types::pem::PemObject;
use nestling::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use nestling::rustls::{ClientConfig, RootCertStore};
use nestling::{ServerTls, Tcp};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::certificates::Certificates;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("never")]
pub(crate) struct Never;

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("echo", response = String, error = Never)]
pub(crate) struct Echo(String);

#[derive(Service)]
#[service("echo", messages(Echo))]
pub(crate) struct Echoes;

impl Handler<Echo> for Echoes {
    type Result = Result<String, Never>;
    fn handle(&mut self, Echo(text): Echo, _: &mut Context<Self>) -> Self::Result {
        Ok(text)
    }
}

pub(crate) fn server_tls() -> ServerTls {
    let certificates = Certificates::get();
    ServerTls::pem_files(certificates.file("server.pem"), certificates.file("server.key")).unwrap()
}

pub(crate) async fn node(tls: ServerTls, limits: impl FnOnce(Tcp) -> Tcp) -> Node {
    Node::builder("safe").service(Echoes).listen(limits(Tcp::port(0).tls(tls))).start().await.unwrap()
}

/// Connects, trusting one authority and showing a certificate, or none.
pub(crate) async fn connect(
    node: &Node,
    authority: &str,
    certificate: Option<&str>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let certificates = Certificates::get();
    let mut roots = RootCertStore::empty();
    let trusted = certificates.file(&format!("{authority}.pem"));
    roots.add(CertificateDer::from_pem_file(trusted).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match certificate {
        None => builder.with_no_client_auth(),
        Some(name) => {
            let chain = CertificateDer::from_pem_file(certificates.file(&format!("{name}.pem"))).unwrap();
            let key = PrivateKeyDer::from_pem_file(certificates.file(&format!("{name}.key"))).unwrap();
            builder.with_client_auth_cert(vec![chain], key).unwrap()
        }
    };
    let stream = TcpStream::connect(node.listening()[0]).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    soon(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

/// Sends a text and gets it back.
pub(crate) async fn echo(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    text: &str,
) -> std::io::Result<()> {
    let request = format!(r#"{{"pattern":"echo","data":"{text}","id":1}}"#);
    let reply = format!(r#"{{"response":"{text}","isDisposed":true,"id":1}}"#);
    let expected = format!("{}#{reply}", reply.encode_utf16().count());
    let mut read = vec![0; expected.len()];
    soon(async {
        stream.write_all(format!("{}#{request}", request.encode_utf16().count()).as_bytes()).await?;
        stream.flush().await?;
        stream.read_exact(&mut read).await.map(|_| ())
    })
    .await?;
    assert_eq!(String::from_utf8_lossy(&read), expected);
    Ok(())
}

/// Waits, and not for ever.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it takes too long")
}

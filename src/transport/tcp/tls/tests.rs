//! Both ends of a handshake. What a node does with it is in `tests/tls`.

#[path = "../../../../tests/support/certificates.rs"]
mod certificates;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{ClientTls, ServerTls};
use certificates::Certificates;

/// What a client hears that has connected to `host`.
async fn heard(server: ServerTls, client: ClientTls, host: &str) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let stream = TcpStream::connect(listener.local_addr()?).await?;
    let (accepted, _) = listener.accept().await?;
    let says = async {
        let mut stream = server.accept(accepted).await?;
        stream.write_all(b"hello").await?;
        stream.shutdown().await
    };
    let hears = async {
        let mut stream = client.connect(stream, host).await?;
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.map(|_| heard)
    };
    let (said, heard) = tokio::join!(says, hears);
    said.and(heard)
}

#[tokio::test]
async fn the_two_ends_trust_each_other_or_not() {
    let certificates = Certificates::get();
    let file = |name: &str| certificates.file(name);
    let server = || ServerTls::pem_files(file("server.pem"), file("server.key")).unwrap();
    let client = || ClientTls::pem_file(file("authority.pem")).unwrap();
    for host in ["localhost", "127.0.0.1"] {
        assert_eq!(heard(server(), client(), host).await.unwrap(), "hello");
    }
    assert_eq!(
        heard(server(), client().server_name("localhost").unwrap(), "elsewhere").await.unwrap(),
        "hello"
    );
    heard(server(), client(), "elsewhere").await.unwrap_err();
    heard(server(), client(), "no name!").await.unwrap_err();
    heard(server(), ClientTls::pem_file(file("stranger.pem")).unwrap(), "localhost").await.unwrap_err();

    let strict = || server().client_certificates(file("authority.pem")).unwrap();
    heard(strict(), client(), "localhost").await.unwrap_err();
    let shows = |name: &str| {
        client().certificate(file(&format!("{name}.pem")), file(&format!("{name}.key"))).unwrap()
    };
    heard(strict(), shows("impostor"), "localhost").await.unwrap_err();
    assert_eq!(heard(strict(), shows("client"), "localhost").await.unwrap(), "hello");
}

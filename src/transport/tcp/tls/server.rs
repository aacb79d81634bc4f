//! TLS of a node that listens.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::{TlsAcceptor, server};

use super::TlsError;
use super::pem::{Identity, provider, roots};

/// How a node speaks TLS: [`Tcp::tls`](crate::Tcp::tls). TLS 1.2 and 1.3, by rustls.
///
/// ```no_run
/// use nestling::prelude::*;
/// use nestling::{ServerTls, Tcp};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let tls = ServerTls::pem_files("shop.pem", "shop.key")?.client_certificates("our-clients.pem")?;
/// let node = Node::builder("shop").listen(Tcp::port(3000).public().tls(tls)).start().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "it is given to `Tcp::tls`"]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    /// None where the configuration is the user's.
    identity: Option<Identity>,
}

impl ServerTls {
    /// The node shows the certificate in one PEM file, its own first and then those between it and its authority, and
    /// proves it by the key in another (PKCS #8, PKCS #1 or SEC1, not encrypted).
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or the two do not fit.
    pub fn pem_files(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, TlsError> {
        let identity = Identity::read(certificate.as_ref(), key.as_ref())?;
        Ok(Self { config: configured(identity.clone(), None)?, identity: Some(identity) })
    }

    /// Lets in only clients that show a certificate of one of the authorities in a PEM file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or holds no authority's certificate; and where this was made
    /// [from a configuration](Self::from_config), which says itself whom it lets in.
    pub fn client_certificates(self, authorities: impl AsRef<Path>) -> Result<Self, TlsError> {
        let identity = self.identity.ok_or(TlsError::Configured("which clients it lets in"))?;
        let config = configured(identity.clone(), Some(authorities.as_ref()))?;
        Ok(Self { config, identity: Some(identity) })
    }

    /// TLS as rustls is told to do it. Its types are [`nestling::rustls`](crate::rustls).
    pub fn from_config(config: Arc<ServerConfig>) -> Self {
        Self { config, identity: None }
    }

    /// Takes part in a handshake.
    pub(in crate::transport::tcp) async fn accept(
        &self,
        stream: TcpStream,
    ) -> std::io::Result<server::TlsStream<TcpStream>> {
        TlsAcceptor::from(Arc::clone(&self.config)).accept(stream).await
    }
}

fn configured(identity: Identity, authorities: Option<&Path>) -> Result<Arc<ServerConfig>, TlsError> {
    let files = identity.files();
    let problem = |error| Identity::problem(&files, &error);
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(problem)?;
    let builder = match authorities {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(roots(path)?, provider())
                .build()
                .map_err(|error| TlsError::Authority { path: path.to_owned(), reason: error.to_string() })?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    builder.with_single_cert(identity.chain, identity.key).map(Arc::new).map_err(problem)
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}

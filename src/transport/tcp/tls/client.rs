//! TLS of a client.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_rustls::{TlsConnector, client};

use super::TlsError;
use super::pem::{Identity, provider, roots};

/// How a client speaks TLS. TLS 1.2 and 1.3, by rustls.
///
/// It trusts the authorities that it is given and no others: those of the operating system are not among them.
///
/// ```no_run
/// use nestling::ClientTls;
///
/// # fn main() -> Result<(), nestling::TlsError> {
/// let tls = ClientTls::pem_file("authority.pem")?
///     .certificate("client.pem", "client.key")?
///     .server_name("shop.example")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "it is given to a client"]
pub struct ClientTls {
    config: Arc<ClientConfig>,
    /// None where the configuration is the user's.
    roots: Option<Arc<RootCertStore>>,
    /// Instead of the host that is connected to.
    name: Option<ServerName<'static>>,
}

impl ClientTls {
    /// Trusts servers whose certificate is of one of the authorities in a PEM file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or holds no authority's certificate.
    pub fn pem_file(authorities: impl AsRef<Path>) -> Result<Self, TlsError> {
        let path = authorities.as_ref();
        let roots = roots(path)?;
        let builder =
            ClientConfig::builder_with_provider(provider())
                .with_safe_default_protocol_versions()
                .map_err(|error| TlsError::Authority { path: path.to_owned(), reason: error.to_string() })?;
        let config = builder.with_root_certificates(Arc::clone(&roots)).with_no_client_auth();
        Ok(Self { config: Arc::new(config), roots: Some(roots), name: None })
    }

    /// Shows a certificate to servers that ask for one: the files are those of
    /// [`ServerTls::pem_files`](crate::ServerTls::pem_files).
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or the two do not fit; and where this was made [from a
    /// configuration](Self::from_config), which says itself what it shows.
    pub fn certificate(self, certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, TlsError> {
        let roots = self.roots.ok_or(TlsError::Configured("which certificate it shows"))?;
        let identity = Identity::read(certificate.as_ref(), key.as_ref())?;
        let files = identity.files();
        let problem = |error| Identity::problem(&files, &error);
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(problem)?
            .with_root_certificates(Arc::clone(&roots))
            .with_client_auth_cert(identity.chain, identity.key)
            .map_err(problem)?;
        Ok(Self { config: Arc::new(config), roots: Some(roots), name: self.name })
    }

    /// Expects the server's certificate to be for this host name or address, instead of the host that is connected
    /// to.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub fn server_name(mut self, name: &str) -> Result<Self, TlsError> {
        self.name = Some(read_name(name)?);
        Ok(self)
    }

    /// TLS as rustls is told to do it. Its types are [`nestling::rustls`](crate::rustls).
    pub fn from_config(config: Arc<ClientConfig>) -> Self {
        Self { config, roots: None, name: None }
    }

    /// Takes part in a handshake with a server at `host`, without its port.
    ///
    /// # Errors
    ///
    /// If the host has no name that a certificate can be for, and why the two do not trust each other.
    pub(crate) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        host: &str,
    ) -> io::Result<client::TlsStream<S>> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => read_name(host).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?,
        };
        TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await
    }
}

fn read_name(name: &str) -> Result<ServerName<'static>, TlsError> {
    // An IPv6 address is in brackets where a port follows it.
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    ServerName::try_from(bare.to_owned()).map_err(|_| TlsError::ServerName { name: name.to_owned() })
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls").field("name", &self.name).finish_non_exhaustive()
    }
}

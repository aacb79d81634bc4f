//! Certificates and keys from PEM files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;

/// The cryptography; said in so many words, since another crate in the process may bring a second one.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Who one is: a chain of certificates, one's own first, and its key.
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
    files: (PathBuf, PathBuf),
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key(), files: self.files.clone() }
    }
}

impl Identity {
    pub(super) fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let chain = certificates(certificate)?;
        let files = (certificate.to_owned(), key.to_owned());
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
            PemError::NoItemsFound => TlsError::NoKey { path: key.to_owned() },
            error => unreadable(key, &error),
        })?;
        Ok(Self { chain, key, files })
    }

    /// Says that the two do not fit, or are of no use.
    pub(super) fn problem(files: &(PathBuf, PathBuf), error: &tokio_rustls::rustls::Error) -> TlsError {
        let (certificate, key) = files.clone();
        TlsError::Identity { certificate, key, reason: error.to_string() }
    }

    pub(super) fn files(&self) -> (PathBuf, PathBuf) {
        self.files.clone()
    }
}

/// The authorities in a file.
pub(super) fn roots(path: &Path) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| TlsError::Authority { path: path.to_owned(), reason: error.to_string() })?;
    }
    Ok(Arc::new(roots))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |error: PemError| unreadable(path, &error);
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate { path: path.to_owned() });
    }
    Ok(certificates)
}

fn unreadable(path: &Path, error: &PemError) -> TlsError {
    let reason = match error {
        PemError::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    TlsError::File { path: path.to_owned(), reason }
}

//! What can be wrong with certificates and keys.

use std::path::PathBuf;

/// Why TLS cannot be used as asked for. Each error names the file that it is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("`{}` cannot be read as PEM: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What happened.
        reason: String,
    },
    /// A file holds no certificate.
    #[error("`{}` holds no certificate: it needs a section `-----BEGIN CERTIFICATE-----`", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file holds no private key.
    #[error("`{}` holds no private key: it needs a section `-----BEGIN PRIVATE KEY-----`", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// A certificate of an authority cannot be trusted.
    #[error("a certificate in `{}` cannot be used as an authority's: {reason}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A certificate and a key cannot be used together.
    #[error(
        "the certificate in `{}` cannot be used with the key in `{}`: {reason}", certificate.display(), key.display()
    )]
    Identity {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong with them.
        reason: String,
    },
    /// What was asked for is up to the rustls configuration that was given.
    #[error("this is made from a rustls configuration, which says itself {0}: set it there")]
    Configured(&'static str),
    /// A server's name is neither a host's name nor an address.
    #[error(
        "`{name}` is not a server's name: give the host name, or the address, that its certificate is for"
    )]
    ServerName {
        /// What was given.
        name: String,
    },
}

//! Certificates, made by `openssl` for each run of the tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A folder of certificates and keys, all of one authority but for the stranger's.
pub(crate) struct Certificates(PathBuf);

impl Certificates {
    /// Those of this process.
    pub(crate) fn get() -> &'static Self {
        static MADE: OnceLock<(tempfile::TempDir, Certificates)> = OnceLock::new();
        let (_, certificates) = MADE.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let certificates = Self(folder.path().to_owned());
            for authority in ["authority", "stranger"] {
                certificates.authority(authority);
            }
            certificates.signed("server", "authority");
            certificates.signed("client", "authority");
            certificates.signed("impostor", "stranger");
            (folder, certificates)
        });
        certificates
    }

    /// A file of the folder: `server.pem`, `server.key`, and so on.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn authority(&self, name: &str) {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let subject = format!("/CN={name} of the tests");
        openssl(
            &self.0,
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-keyout",
                &key,
                "-out",
                &certificate,
                "-subj",
                &subject,
            ],
        );
    }

    fn signed(&self, name: &str, authority: &str) {
        let (key, request, certificate) =
            (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        openssl(
            &self.0,
            &[
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout",
                &key,
                "-out",
                &request,
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
            ],
        );
        let (ca, ca_key) = (format!("{authority}.pem"), format!("{authority}.key"));
        openssl(
            &self.0,
            &[
                "x509",
                "-req",
                "-in",
                &request,
                "-CA",
                &ca,
                "-CAkey",
                &ca_key,
                "-CAcreateserial",
                "-days",
                "2",
                "-copy_extensions",
                "copy",
                "-out",
                &certificate,
            ],
        );
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let output =
        Command::new("openssl").current_dir(folder).args(arguments).output().unwrap_or_else(|error| {
            panic!("these tests need the program openssl, 3.0 or later (`apt-get install openssl`): {error}")
        });
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

//! What is wrong with a certificate or a key is told with the name of its file.

use std::path::Path;

use nestling::{ClientTls, ServerTls, TlsError};

use crate::certificates::Certificates;
use crate::support::server_tls;

fn check<T: std::fmt::Debug>(result: Result<T, TlsError>, file: &Path, says: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(&format!("`{}`", file.display())) && error.contains(says), "{error}");
}

#[test]
fn of_servers_and_of_clients() {
    let certificates = Certificates::get();
    let [certificate, key, other_key] =
        ["server.pem", "server.key", "client.key"].map(|name| certificates.file(name));
    let missing = certificates.file("missing.pem");
    check(ServerTls::pem_files(&missing, &key), &missing, "No such file");
    check(ServerTls::pem_files(&certificate, &missing), &missing, "No such file");
    check(ServerTls::pem_files(&key, &key), &key, "holds no certificate");
    check(ServerTls::pem_files(&certificate, &certificate), &certificate, "holds no private key");
    check(ServerTls::pem_files(&certificate, &other_key), &other_key, "cannot be used with");
    check(server_tls().client_certificates(&missing), &missing, "No such file");
    check(ClientTls::pem_file(&missing), &missing, "No such file");
    check(ClientTls::pem_file(&key), &key, "holds no certificate");
    let client = || ClientTls::pem_file(certificates.file("authority.pem")).unwrap();
    check(client().certificate(&certificate, &other_key), &other_key, "cannot be used with");
    let _ = client().certificate(certificates.file("client.pem"), &other_key).unwrap();

    let error = client().server_name("no name!").unwrap_err();
    assert_eq!(error, TlsError::ServerName { name: "no name!".to_owned() });
    for name in ["localhost", "127.0.0.1", "[::1]"] {
        let _ = client().server_name(name).unwrap();
    }
}

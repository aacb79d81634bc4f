//! Servers that want TLS, an NKey, or a JWT with its key: who has it is let in, who has not is told what to do.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use nestling::Nats;
use nestling::prelude::*;
use nkeys::KeyPair;
use serde_json::{Value, json};

use crate::certificates::Certificates;
use crate::nats_server::NatsServer;
use crate::support::{Desk, Double, Seen, soon};

/// Two nodes that are let in can talk.
async fn talks(nats: &Nats) {
    let start = |node: &str| Node::builder(node).connect(nats.clone());
    let _desk = soon("a node", start("desk").service(Desk(Seen::default())).start()).await.unwrap();
    let caller = soon("another", start("caller").start()).await.unwrap();
    assert_eq!(soon("an answer", caller.client().send(Double(21))).await, Ok(42));
}

async fn refused(nats: Nats) -> String {
    let error = soon("an error", Node::builder("shop").connect(nats).start()).await.unwrap_err();
    error.to_string()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[actix::test]
async fn tls_with_certificates_on_both_sides() {
    let certificates = Certificates::get();
    let file = |name| certificates.file(name);
    let server = NatsServer::with(&format!(
        "tls {{ cert_file: {:?}, key_file: {:?}, ca_file: {:?}, verify: true }}\n",
        shown(&file("server.pem")),
        shown(&file("server.key")),
        shown(&file("authority.pem")),
    ));
    let nats = Nats::url(server.url());
    let trusting = nats.clone().root_certificates(file("authority.pem"));
    talks(&trusting.clone().client_certificate(file("client.pem"), file("client.key"))).await;
    // By the scheme of its URL, and asked for, as well as by what the server says.
    let tls = Nats::url(server.url().replace("nats://", "tls://"))
        .require_tls()
        .root_certificates(file("authority.pem"))
        .client_certificate(file("client.pem"), file("client.key"));
    talks(&tls).await;

    let problem = refused(nats).await;
    assert!(problem.contains("no TLS with it") && problem.contains("root_certificates"), "{problem}");
    let problem =
        refused(trusting.clone().client_certificate(file("impostor.pem"), file("impostor.key"))).await;
    assert!(problem.contains("client_certificate"), "{problem}");
    let problem = refused(trusting).await;
    assert!(problem.contains("client_certificate"), "{problem}");
}

#[actix::test]
async fn a_server_without_tls_where_it_is_required() {
    let server = NatsServer::start();
    let problem = refused(Nats::url(server.url()).require_tls()).await;
    assert!(problem.contains("no TLS with it"), "{problem}");
}

#[actix::test]
async fn an_nkey() {
    let (known, stranger) = (KeyPair::new_user(), KeyPair::new_user());
    let server =
        NatsServer::with(&format!("authorization {{ users: [{{ nkey: \"{}\" }}] }}\n", known.public_key()));
    let nats = Nats::url(server.url());
    talks(&nats.clone().nkey(known.seed().unwrap())).await;
    let seed = stranger.seed().unwrap();
    let problem = refused(nats.clone().nkey(&seed)).await;
    assert!(problem.contains("it refuses these credentials") && !problem.contains(&seed), "{problem}");
    let problem = refused(nats.nkey("SUNONSENSE")).await;
    assert!(problem.contains("credentials") && !problem.contains("NONSENSE"), "{problem}");
}

#[actix::test]
async fn a_credentials_file() {
    let (operator, account) = (KeyPair::new_operator(), KeyPair::new_account());
    let server = NatsServer::with(&format!(
        "operator: {}\nresolver: MEMORY\nresolver_preload: {{ {}: {} }}\n",
        jwt(&operator, &operator, &json!({ "type": "operator", "version": 2 })),
        account.public_key(),
        jwt(&operator, &account, &json!({ "type": "account", "version": 2, "limits": unlimited() })),
    ));
    let user = KeyPair::new_user();
    let claims =
        json!({ "type": "user", "version": 2, "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1 });
    let file = server.folder().join("user.creds");
    write_credentials(&file, &jwt(&account, &user, &claims), &user);
    let nats = Nats::url(server.url());
    talks(&nats.clone().credentials_file(&file)).await;

    // Of an account that the server does not know.
    let forged = server.folder().join("forged.creds");
    write_credentials(&forged, &jwt(&KeyPair::new_account(), &user, &claims), &user);
    let problem = refused(nats.clone().credentials_file(forged)).await;
    assert!(problem.contains("it refuses these credentials"), "{problem}");
    let nonsense = server.folder().join("nonsense.creds");
    std::fs::write(&nonsense, "nonsense").unwrap();
    let problem = refused(nats.credentials_file(&nonsense)).await;
    assert!(problem.contains("nonsense.creds cannot be read"), "{problem}");
}

fn unlimited() -> Value {
    let names = ["subs", "data", "payload", "imports", "exports", "conn", "leaf"];
    let mut limits: serde_json::Map<_, _> =
        names.iter().map(|name| ((*name).to_owned(), json!(-1))).collect();
    limits.insert("wildcards".to_owned(), json!(true));
    Value::Object(limits)
}

/// A JWT of NATS's: <https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt>.
fn jwt(issuer: &KeyPair, subject: &KeyPair, nats: &Value) -> String {
    let encode = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let header = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let claims = json!({
        "jti": "test",
        "iat": SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs(),
        "iss": issuer.public_key(),
        "name": "test",
        "sub": subject.public_key(),
        "nats": nats,
    });
    let signed =
        format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = issuer.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", encode(&signature))
}

/// As `nsc` writes it.
fn write_credentials(file: &Path, jwt: &str, user: &KeyPair) {
    let seed = user.seed().unwrap();
    let text = format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    );
    std::fs::write(file, text).unwrap();
}

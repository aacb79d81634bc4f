//! Making the one connection of a node, and what is said when that fails.

use std::io;
use std::str::FromStr;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, ServerAddr};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::jetstream::Dial;
use super::link::Link;
use super::options::{Auth, Nats};
use crate::dead_letter::Sink;

/// Why there is no connection.
#[derive(Debug)]
pub(crate) struct NotConnected {
    /// The servers, without what is secret in their URLs.
    pub(crate) server: String,
    pub(crate) reason: String,
}

/// Connects.
///
/// # Errors
///
/// After a finite time, if that cannot be done.
pub(super) async fn connect(nats: &Nats, node: &str, sink: Sink) -> Result<Arc<Link>, NotConnected> {
    // The callback is given away before there is a link.
    let slot: Arc<OnceLock<Weak<Link>>> = Arc::default();
    let client = reach(nats, node, &slot).await?;
    let link = Link::new(client, shown(&nats.urls), node, nats.limits, sink);
    let _ = slot.set(Arc::downgrade(&link));
    link.look_at_state();
    Ok(link)
}

/// Connects for something that is apart from a node's events and requests.
///
/// # Errors
///
/// As [`connect`].
pub(super) async fn connect_alone(nats: &Nats, name: &str) -> Result<Client, NotConnected> {
    reach(nats, name, &Arc::default()).await
}

async fn reach(nats: &Nats, name: &str, slot: &Arc<OnceLock<Weak<Link>>>) -> Result<Client, NotConnected> {
    let server = shown(&nats.urls);
    let not_connected = |reason| NotConnected { server: server.clone(), reason };
    let addresses = addresses(&nats.urls).map_err(not_connected)?;
    let options = options(nats, name, slot).await.map_err(not_connected)?;
    let limit = nats.connect_timeout.saturating_mul(u32::try_from(addresses.len()).unwrap_or(u32::MAX));
    tokio::time::timeout(limit, options.connect(&addresses[..]))
        .await
        .map_err(|_| not_connected(late(limit)))?
        .map_err(|error| not_connected(said(&error, nats)))
}

/// The servers' addresses.
///
/// # Errors
///
/// If one is none, or there is none.
fn addresses(urls: &[String]) -> Result<Vec<ServerAddr>, String> {
    let example = "write it as nats://127.0.0.1:4222";
    let address = |url: &String| {
        let known = ["nats", "tls", "ws", "wss"];
        if let Some((scheme, _)) = url.split_once("://")
            && !known.contains(&scheme)
        {
            return Err(format!("`{scheme}` is no scheme of NATS's: {example}"));
        }
        let shown = without_secret(url);
        if shown.ends_with("://") {
            return Err(format!("`{url}` is no URL, it names no host: {example}"));
        }
        ServerAddr::from_str(url).map_err(|error| format!("`{shown}` is no URL ({error}): {example}"))
    };
    match urls {
        [] => Err(format!("there is no URL: {example}")),
        urls => urls.iter().map(address).collect(),
    }
}

/// Makes the connections over which durable events are published.
pub(super) fn dial(nats: &Nats, node: &str) -> Arc<dyn Dial> {
    let name = format!("{} (publishes)", nats.name.as_deref().unwrap_or(node));
    // Whoever publishes tries again by itself.
    Arc::new(Publishing(Nats { keep_trying: false, name: Some(name), ..nats.clone() }))
}

struct Publishing(Nats);

impl Dial for Publishing {
    fn options(&self) -> BoxFuture<'static, Result<(ConnectOptions, Vec<ServerAddr>), String>> {
        let nats = self.0.clone();
        async move { Ok((plain_options(&nats, "").await?, addresses(&nats.urls)?)) }.boxed()
    }
}

async fn options(
    nats: &Nats,
    node: &str,
    slot: &Arc<OnceLock<Weak<Link>>>,
) -> Result<ConnectOptions, String> {
    let slot = Arc::clone(slot);
    Ok(plain_options(nats, node).await?.event_callback(move |event| {
        if let Some(link) = slot.get().and_then(Weak::upgrade) {
            link.told(&event);
        }
        std::future::ready(())
    }))
}

async fn plain_options(nats: &Nats, node: &str) -> Result<ConnectOptions, String> {
    let (first, longest) = nats.reconnect_waits;
    let mut options = ConnectOptions::new()
        .name(nats.name.as_deref().unwrap_or(node))
        .connection_timeout(nats.connect_timeout)
        .require_tls(nats.tls.required)
        // Subjects are checked where they are made.
        .skip_subject_validation(true)
        .reconnect_delay_callback(move |attempts| wait(first, longest, attempts));
    if nats.keep_trying {
        options = options.retry_on_initial_connect();
    }
    if let Some(prefix) = &nats.inbox_prefix {
        options = options.custom_inbox_prefix(prefix);
    }
    for roots in &nats.tls.roots {
        options = options.add_root_certificates(roots.clone());
    }
    if let Some((certificate, key)) = &nats.tls.client {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(match &nats.auth {
        Auth::None => options,
        Auth::User { name, password } => options.user_and_password(name.clone(), password.clone()),
        Auth::Token(token) => options.token(token.clone()),
        Auth::Nkey(seed) => options.nkey(seed.clone()),
        Auth::Credentials(path) => options
            .credentials_file(path)
            .await
            .map_err(|error| format!("the credentials file {} cannot be read: {error}", path.display()))?,
    })
}

/// How long to wait before an attempt, counted from 1: the first is made at once.
fn wait(first: Duration, longest: Duration, attempt: usize) -> Duration {
    match attempt {
        0 | 1 => Duration::ZERO,
        more => {
            let doublings = u32::try_from(more - 2).unwrap_or(u32::MAX).min(16);
            first.saturating_mul(1 << doublings).min(longest)
        }
    }
}

fn late(limit: Duration) -> String {
    format!(
        "it did not answer within {limit:?}: see `Nats::connect_timeout`; `Nats::keep_trying` starts without it"
    )
}

fn said(error: &ConnectError, nats: &Nats) -> String {
    let source = std::error::Error::source(error).map_or_else(String::new, |source| format!(" ({source})"));
    match error.kind() {
        ConnectErrorKind::ServerParse => format!("the URL cannot be read{source}"),
        ConnectErrorKind::Dns => format!("nobody knows the host{source}: is its name right?"),
        ConnectErrorKind::Authentication => format!("the credentials cannot be used{source}"),
        ConnectErrorKind::AuthorizationViolation => format!(
            "it refuses {}: others are given by `Nats::user_and_password`, `token`, `nkey` or `credentials_file`",
            match nats.auth {
                Auth::None => "whoever shows no credentials",
                _ => "these credentials",
            }
        ),
        ConnectErrorKind::TimedOut => late(nats.connect_timeout),
        ConnectErrorKind::Io if !is_of_tls(error) => no_server(&source),
        ConnectErrorKind::Tls | ConnectErrorKind::Io => format!(
            "no TLS with it{source}: a certificate of one's own is trusted by `Nats::root_certificates`, and shown by \
             `client_certificate`"
        ),
        ConnectErrorKind::MaxReconnects => no_server(&source),
    }
}

fn no_server(source: &str) -> String {
    format!("no server of NATS's answers{source}: is it running? `Nats::keep_trying` starts without it")
}

/// Whether an error of input and output is one of TLS: these come as data that is invalid.
fn is_of_tls(error: &ConnectError) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
}

/// The servers, as they may be shown to anybody.
pub(super) fn shown(urls: &[String]) -> String {
    let shown: Vec<_> = urls.iter().map(|url| without_secret(url)).collect();
    shown.join(",")
}

fn without_secret(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("nats", url));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(shown(&["nats://u:p@a:1".to_owned(), "b:2".to_owned()]), "nats://a:1,nats://b:2");
        let nats = Nats::url("nats://u:pa55@a:1").token("t0ken");
        let debug = format!("{nats:?}");
        assert!(!debug.contains("pa55") && !debug.contains("t0ken"), "{debug}");
    }

    #[test]
    fn what_is_no_url_says_so() {
        for (url, said) in
            [("http://a:1", "`http` is no scheme"), ("nats://a:b:c", "is no URL"), ("", "is no URL")]
        {
            let error = addresses(&[url.to_owned()]).unwrap_err();
            assert!(error.contains(said) && error.contains("nats://127.0.0.1:4222"), "{url}: {error}");
        }
        assert!(addresses(&[]).is_err());
    }

    #[test]
    fn waits_grow_to_the_longest() {
        let wait = |attempt| wait(Duration::from_millis(10), Duration::from_secs(2), attempt).as_millis();
        assert_eq!([wait(1), wait(2), wait(3), wait(4), wait(1_000)], [0, 10, 20, 40, 2_000]);
    }
}

//! Where a NATS server is, and whom it shall take us for.

use std::fmt;
use std::str::FromStr;

use async_nats::{ConnectOptions, ServerAddr};

const HOW: &str = "write it as nats://HOST:PORT, nats://USER:PASSWORD@HOST:PORT, or tls://HOST:PORT";

/// The address of a NATS server. What is secret in it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NatsAddress {
    server: ServerAddr,
    login: Option<Login>,
}

#[derive(Clone, PartialEq, Eq)]
enum Login {
    Password { user: String, password: String },
    Token(String),
}

impl NatsAddress {
    /// `nats://host:port`, or `tls://host:port`.
    pub(super) fn server(&self) -> ServerAddr {
        self.server.clone()
    }

    /// Whether it says who we are.
    pub(super) fn has_login(&self) -> bool {
        self.login.is_some()
    }

    /// Says who we are.
    pub(super) fn log_in(&self, options: ConnectOptions) -> ConnectOptions {
        match self.login.clone() {
            Some(Login::Password { user, password }) => options.user_and_password(user, password),
            Some(Login::Token(token)) => options.token(token),
            None => options,
        }
    }
}

impl FromStr for NatsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| HOW.to_owned();
        let given: ServerAddr = text.parse().map_err(wrong)?;
        let (scheme, host) = (given.scheme().to_owned(), given.host().to_owned());
        let (user, password) = (given.username().and_then(plain), given.password().and_then(plain));
        let login = match (user, password) {
            (Some(user), Some(password)) => Some(Login::Password { user, password }),
            (Some(token), None) => Some(Login::Token(token)),
            (None, _) => None,
        };
        let port = given.port();
        if !matches!(&*scheme, "nats" | "tls") || host.is_empty() {
            return Err(HOW.to_owned());
        }
        if !matches!(given.into_inner().path(), "" | "/") {
            return Err(format!("nothing follows the port: {HOW}"));
        }
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        Ok(Self { server: format!("{scheme}://{host}:{port}").parse().map_err(wrong)?, login })
    }
}

/// What stands percent-encoded in a URL.
fn plain(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let escaped =
            escaped.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Display for NatsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.server.as_url_str())
    }
}

impl fmt::Debug for NatsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Login, NatsAddress};

    fn read(text: &str) -> Result<NatsAddress, String> {
        text.parse()
    }

    #[test]
    fn hosts_ports_and_schemes() {
        for (text, shown) in [
            ("nats://localhost:4222", "nats://localhost:4222"),
            ("nats://10.0.0.1/", "nats://10.0.0.1:4222"),
            ("tls://[::1]:5", "tls://[::1]:5"),
            ("localhost", "nats://localhost:4222"),
        ] {
            assert_eq!(read(text).map(|address| address.to_string()), Ok(shown.to_owned()));
        }
        for text in [
            "nats://",
            "nats://:4222",
            "nats://a:99999",
            "tcp://a:1",
            "ws://a:1",
            "nats://a:1/x",
            "nats://a b",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_secret_is_not_shown() {
        let address = read("nats://me:p%40ss%2f@host:1").expect("it is an address");
        assert_eq!(format!("{address} {address:?}"), "nats://host:1 nats://host:1");
        assert!(
            matches!(&address.login, Some(Login::Password { user, password }) if user == "me" && password == "p@ss/")
        );
        let address = read("nats://s3cr3t@host:1").expect("it is an address");
        assert!(matches!(&address.login, Some(Login::Token(token)) if token == "s3cr3t"));
    }
}

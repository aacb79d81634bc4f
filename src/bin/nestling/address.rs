//! Where a service is.

use std::fmt;
use std::str::FromStr;

use crate::nats::NatsAddress;
use crate::tcp::TcpAddress;

/// The address of a service, or of the broker that it is behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(TcpAddress),
    Nats(NatsAddress),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("nats" | "tls", _)) => text.parse().map(Self::Nats),
            Some(("tcp", rest)) => rest.trim_end_matches('/').parse().map(Self::Tcp),
            Some((scheme, _)) => {
                Err(format!("`{scheme}://` is not known here: write tcp://HOST:PORT or nats://HOST:PORT"))
            }
            None => text.parse().map(Self::Tcp),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Nats(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn the_scheme_tells_them_apart() {
        for (text, shown) in [
            ("localhost:3000", "tcp://localhost:3000"),
            ("tcp://[::1]:3000/", "tcp://[::1]:3000"),
            ("nats://localhost", "nats://localhost:4222"),
            ("tls://example.org:4443", "tls://example.org:4443"),
        ] {
            assert_eq!(text.parse::<Address>().map(|address| address.to_string()), Ok(shown.to_owned()));
        }
        assert!("http://localhost:80".parse::<Address>().is_err_and(|error| error.contains("nats://")));
    }
}

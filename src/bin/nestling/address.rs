//! Where a service is.

use std::fmt;
use std::str::FromStr;

/// `tcp://host:port`, or `host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    /// `host:port`.
    pub(crate) fn host_and_port(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = match text.split_once("://") {
            Some(("tcp", rest)) => rest.trim_end_matches('/'),
            Some((scheme, _)) => {
                return Err(format!("`{scheme}://` is not known here: write tcp://HOST:PORT"));
            }
            None => text,
        };
        match rest.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                Ok(Self(rest.to_owned()))
            }
            _ => Err("write it as tcp://HOST:PORT, such as tcp://127.0.0.1:3000".to_owned()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tcp://{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn hosts_and_ports() {
        for text in ["tcp://localhost:3000", "localhost:3000", "tcp://[::1]:3000/", "10.0.0.1:1"] {
            assert!(text.parse::<Address>().is_ok(), "{text}");
        }
        for text in ["localhost", "http://localhost:80", ":3000", "localhost:99999", "tcp://"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}

//! Where a service is that listens itself.

use std::fmt;
use std::str::FromStr;

/// `host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TcpAddress(String);

impl TcpAddress {
    /// `host:port`.
    pub(crate) fn host_and_port(&self) -> &str {
        &self.0
    }
}

impl FromStr for TcpAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                Ok(Self(text.to_owned()))
            }
            _ => Err("write it as tcp://HOST:PORT, such as tcp://127.0.0.1:3000, or as nats://HOST:PORT"
                .to_owned()),
        }
    }
}

impl fmt::Display for TcpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tcp://{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::TcpAddress;

    #[test]
    fn hosts_and_ports() {
        for text in ["localhost:3000", "[::1]:3000", "10.0.0.1:1"] {
            assert!(text.parse::<TcpAddress>().is_ok(), "{text}");
        }
        for text in ["localhost", ":3000", "localhost:99999", ""] {
            assert!(text.parse::<TcpAddress>().is_err(), "{text}");
        }
    }
}

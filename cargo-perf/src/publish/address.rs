//! An address that something is sent to.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ureq::http::Uri;

/// `https://…`, or `http://…` of this very machine: what is sent may hold a token, and does not travel in the clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The machine it is of: the rest of an address is often a secret itself.
    #[must_use]
    pub fn host(&self) -> String {
        let uri: Option<Uri> = self.0.parse().ok();
        uri.and_then(|uri| uri.host().map(str::to_owned))
            .unwrap_or_default()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.host())
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = "an address is written https://HOST/…; http:// is for this machine only";
        let uri: Uri = text.parse().map_err(|_| refused.to_owned())?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(refused)?;
        // What stands before an @ would be sent as a password.
        let is_plain = !uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'));
        let fits = match uri.scheme_str() {
            Some("https") => is_plain,
            Some("http") => is_plain && is_this_machine(host),
            _ => false,
        };
        fits.then(|| Self(text.trim_end_matches('/').to_owned()))
            .ok_or_else(|| refused.to_owned())
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |address: IpAddr| address.is_loopback();
    host == "localhost" || address.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for text in [
            "https://api.github.com",
            "https://ghe.example:8443/api/v3/",
            "http://127.0.0.1:80",
            "http://[::1]:1/x",
            "http://localhost:9",
        ] {
            assert!(text.parse::<Address>().is_ok(), "{text}");
        }
        for text in [
            "",
            "api.github.com",
            "http://example.com",
            "http://127.0.0.1.example.com",
            "https://a@b.example",
            "ftp://a.example",
            "file:///etc/passwd",
            "https://",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
        let secret: Address = "https://hooks.example/T0KEN".parse().unwrap();
        assert_eq!(format!("{secret:?}"), "Address(hooks.example)");
    }
}

//! A notice to an address of the user's choice, signed so that whoever gets it knows whom it is from.

use super::courier::Courier;
use super::wire::{Method, Request};
use super::{Address, PublishError};
use crate::hash::keyed;
use crate::secret::Secret;

/// The header with the signature, in the form that GitHub's own webhooks have: `sha256=` and 64 digits.
const SIGNATURE: &str = "X-Perf-Signature-256";

/// Sends a document of JSON. With a key, the signature of its bytes stands in a header.
///
/// # Errors
/// When it could not be delivered, or was not taken.
pub fn send(
    courier: &Courier<'_>,
    address: &Address,
    key: Option<&Secret>,
    document: String,
) -> Result<(), PublishError> {
    let body = document.into_bytes();
    let mut headers = vec![("Content-Type", "application/json".to_owned())];
    headers.extend(key.map(|key| (SIGNATURE, signature(key, &body))));
    let request = Request {
        method: Method::Post,
        address: address.as_str().to_owned(),
        headers,
        body,
    };
    let answer = courier.send(&address.host(), &request)?;
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    Err(PublishError::Refused {
        host: address.host(),
        what: "a notice".to_owned(),
        status: answer.status,
        message: None,
    })
}

fn signature(key: &Secret, body: &[u8]) -> String {
    format!("sha256={}", keyed(key.reveal().as_bytes(), body))
}

#[cfg(test)]
mod tests {
    use super::super::script::{Script, answer};
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // RFC 4231, test case 2.
        let key = Secret::of(Some("Jefe".to_owned())).unwrap();
        assert_eq!(
            signature(&key, b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn what_is_not_taken_is_said_without_the_address() {
        let address: Address = "https://hooks.example/s3cret".parse().unwrap();
        let deliver = |status, key: Option<&Secret>| {
            let script = Script::new([Ok(answer(status, "go away"))]);
            let sent = send(
                &Courier::new(&script, &|_| (), 0),
                &address,
                key,
                "{}".to_owned(),
            );
            (sent, script.requests())
        };
        let (sent, requests) = deliver(204, None);
        assert!(sent.is_ok());
        assert_eq!(requests[0].headers.len(), 1);
        let key = Secret::of(Some("k".to_owned()));
        let (sent, requests) = deliver(410, key.as_ref());
        assert_eq!(
            sent.unwrap_err().to_string(),
            "hooks.example answered 410 to a notice"
        );
        assert_eq!(requests[0].headers[1].0, SIGNATURE);
    }
}

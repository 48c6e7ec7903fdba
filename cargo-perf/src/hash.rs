//! The one hash of this crate, SHA-256, plain and with a key, and its digits.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The first `digits` hexadecimal digits of the hash of `data`; 64 are all there are.
pub(crate) fn short(data: impl AsRef<[u8]>, digits: usize) -> String {
    let mut text = hex(&Sha256::digest(data));
    text.truncate(digits);
    text
}

/// HMAC-SHA256 of `data`, 64 digits: whoever lacks the key can neither make it nor try which data gives it.
pub(crate) fn keyed(key: &[u8], data: &[u8]) -> String {
    // A key may have any length; the only error there is speaks of others.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return String::new();
    };
    mac.update(data);
    hex(&mac.finalize().into_bytes())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_those_of_sha_256() {
        assert_eq!(short("abc", 16), "ba7816bf8f01cfea");
        assert_eq!(short("", 64).len(), 64);
    }

    #[test]
    fn with_a_key_they_are_those_of_the_standard() {
        // RFC 4231, test case 2.
        assert_eq!(
            keyed(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}

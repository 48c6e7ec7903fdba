//! The one hash of this crate, SHA-256, and its digits.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The first `digits` hexadecimal digits of the hash of `data`; 64 are all there are.
pub(crate) fn short(data: impl AsRef<[u8]>, digits: usize) -> String {
    let mut text = hex(&Sha256::digest(data));
    text.truncate(digits);
    text
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
}

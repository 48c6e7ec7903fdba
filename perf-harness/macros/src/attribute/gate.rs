//! Gates: `gate = "5%"`, `gate = "never"`.

use syn::parse::ParseStream;
use syn::{Error, LitStr, Result};

/// The gate as it is written, once it is sure that it is one.
pub(super) fn gate(input: ParseStream<'_>) -> Result<LitStr> {
    let fault = |span| Error::new(span, r#"a gate is written "5%", "2.5%" or "never""#);
    let literal: LitStr = input.parse().map_err(|error| fault(error.span()))?;
    let text = literal.value();
    if text == "never" || text.strip_suffix('%').is_some_and(is_percentage) {
        return Ok(literal);
    }
    Err(fault(literal.span()))
}

/// Above zero, with up to three decimals, and no more than ten thousand: what the builder takes.
fn is_percentage(text: &str) -> bool {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let decimals = text
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len());
    let value: f64 = text.parse().unwrap_or(0.0);
    plain
        && decimals <= 3
        && !text.ends_with('.')
        && !text.starts_with('.')
        && value > 0.0
        && value <= 10_000.0
}

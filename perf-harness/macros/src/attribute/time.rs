//! Times as text: `"10s"`, `"500ms"`, `"2.5us"`.

use std::time::Duration;

use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, Lit, Result};

/// The text of a string literal; `None` for any other expression.
pub(crate) fn text_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// A timeout: whole milliseconds, seconds or minutes, above zero.
pub(crate) fn timeout(expression: &Expr) -> Result<Duration> {
    text_of(expression)
        .and_then(|text| whole(&text))
        .filter(|timeout| !timeout.is_zero())
        .ok_or_else(|| {
            Error::new(
                expression.span(),
                r#"a timeout is written "500ms", "10s" or "2min""#,
            )
        })
}

fn whole(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let number: u64 = number.parse().ok()?;
    let milliseconds = match unit {
        "ms" => number,
        "s" => number.checked_mul(1000)?,
        "min" => number.checked_mul(60_000)?,
        _ => return None,
    };
    Some(Duration::from_millis(milliseconds))
}

/// A number and the unit behind it, both without the white space around them.
pub(crate) fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    Some((&text[..digits], text[digits..].trim()))
}

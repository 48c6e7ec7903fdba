//! What `#[perf::limit(…)]` says of how well users, or operations at a rate, are served.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitInt, LitStr, Result, Token};

use super::budget::time;

/// The builder's call, if this option is one of these.
pub(super) fn option(name: &Ident, input: ParseStream<'_>) -> Result<Option<TokenStream>> {
    let value = match name.to_string().as_str() {
        "p50" | "p90" | "p99" | "max" => {
            at_most(name, input)?;
            time(&input.parse()?)?
        }
        "errors" => {
            at_most(name, input)?;
            share(input)?
        }
        "efficiency" => {
            input
                .parse::<Token![>=]>()
                .map_err(|_| cap(name, ">= \"50%\""))?;
            share(input)?
        }
        "warm_up" | "window" | "ramp" | "think" => {
            input.parse::<Token![=]>()?;
            time(&input.parse()?)?
        }
        "clients" => {
            input.parse::<Token![=]>()?;
            let count: LitInt = input.parse()?;
            let count: u32 = count.base10_parse()?;
            quote!(#count)
        }
        _ => return Ok(None),
    };
    Ok(Some(quote!(.#name(#value))))
}

/// Whether the level is one that can be served so.
pub(super) fn check(said: &Ident, level: &Ident) -> Result<()> {
    if level == "users" || level == "rate" {
        return Ok(());
    }
    Err(Error::new(
        level.span(),
        format!(
            "with `{said}` the level is how many users there are at once, or a rate per second: `users in 1..=64`, `rate in 10..=100_000`"
        ),
    ))
}

fn at_most(name: &Ident, input: ParseStream<'_>) -> Result<()> {
    let example = if name == "errors" {
        "<= \"1%\""
    } else {
        "<= \"10ms\""
    };
    match input.parse::<Token![<=]>() {
        Ok(_) => Ok(()),
        Err(_) => Err(cap(name, example)),
    }
}

fn cap(name: &Ident, example: &str) -> Error {
    Error::new(
        name.span(),
        format!("a cap of a service is written `{name} {example}`"),
    )
}

/// A share as the builder takes it: `"1%"` is 0.01.
fn share(input: ParseStream<'_>) -> Result<TokenStream> {
    let fault = |span| Error::new(span, r#"a share is written "1%", "0.5%" or "50%""#);
    let text: LitStr = input.parse().map_err(|error| fault(error.span()))?;
    let value = text.value();
    let percent = value.trim().strip_suffix('%').map(str::trim);
    let is_plain = |number: &&str| number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let percent: Option<f64> = percent
        .filter(is_plain)
        .and_then(|number| number.parse().ok());
    match percent {
        Some(percent) if percent <= 100.0 => {
            let share = percent / 100.0;
            Ok(quote!(#share))
        }
        _ => Err(fault(text.span())),
    }
}

//! What a benchmark runs under: `[cpu(2), mem("70%"), io, fault]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, LitInt, Result, Token, bracketed, parenthesized};

use super::budget::size;
use super::time::text_of;

const FORM: &str =
    r#"a benchmark runs under `cpu(2)`, `mem("70%")`, `mem("512MiB")`, `io` and `fault`"#;

/// The list, as the builder takes it.
pub(super) fn stress(input: ParseStream<'_>) -> Result<TokenStream> {
    let list;
    let bracket = bracketed!(list in input);
    let all = Punctuated::<TokenStream, Token![,]>::parse_terminated_with(&list, one)?;
    if all.is_empty() {
        return Err(Error::new(bracket.span.join(), FORM));
    }
    let all = all.iter();
    Ok(quote_spanned!(bracket.span.join()=> [#(#all),*]))
}

fn one(input: ParseStream<'_>) -> Result<TokenStream> {
    let name: Ident = input
        .parse()
        .map_err(|error| Error::new(error.span(), FORM))?;
    let has_amount = input.peek(syn::token::Paren);
    match (name.to_string().as_str(), has_amount) {
        ("cpu", true) => {
            let amount;
            parenthesized!(amount in input);
            let threads: LitInt = amount.parse().map_err(|error| {
                Error::new(
                    error.span(),
                    "stress by cpu takes a number of threads: `cpu(2)`",
                )
            })?;
            let count: u32 = threads.base10_parse()?;
            if !(1..=1024).contains(&count) {
                return Err(Error::new(
                    threads.span(),
                    "stress by cpu takes from 1 to 1024 threads",
                ));
            }
            Ok(quote!(::perf_harness::Stress::Cpu(#count)))
        }
        ("mem", true) => {
            let amount;
            parenthesized!(amount in input);
            memory(&amount.parse()?)
        }
        ("io", false) => Ok(quote!(::perf_harness::Stress::Io)),
        ("fault", false) => Ok(quote!(::perf_harness::Stress::Fault)),
        _ => Err(Error::new(name.span(), FORM)),
    }
}

/// A share of what is available, or an amount.
fn memory(amount: &Expr) -> Result<TokenStream> {
    let text = text_of(amount);
    let Some(percent) = text
        .as_deref()
        .and_then(|text| text.trim().strip_suffix('%'))
    else {
        let bytes = size(amount)?;
        return Ok(quote!(::perf_harness::Stress::Memory(#bytes)));
    };
    match percent.trim().parse::<u8>() {
        Ok(percent @ 1..=90) => Ok(quote!(::perf_harness::Stress::MemoryPercent(#percent))),
        _ => Err(Error::new(
            amount.span(),
            "stress by memory takes from 1 % to 90 % of what is available",
        )),
    }
}

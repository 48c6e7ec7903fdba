//! Budgets: `allocs <= 3`, `peak <= "64KiB"`, `wall <= "10us"`, and the other way `bytes >= "100MiB"`.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Result, Token};

use super::time::{split, text_of};

/// `metric <= limit` or `metric >= limit`.
pub(crate) struct Budget {
    /// The metric, by the name it has in records.
    pub(crate) metric: String,
    /// Whether it is the least that there has to be, and not the most that there may be.
    pub(crate) is_floor: bool,
    /// What the builder is given.
    pub(crate) limit: TokenStream,
}

impl Budget {
    /// The budget of the metric that `name` stands for: `peak_rss` is `peak-rss`, which is no identifier.
    pub(crate) fn parse(name: &Ident, input: ParseStream<'_>) -> Result<Self> {
        Self::of(name.to_string().replace('_', "-"), name.span(), input)
    }

    /// Whether what comes next makes a budget of the name before it.
    pub(crate) fn follows(input: ParseStream<'_>) -> bool {
        input.peek(Token![<=]) || input.peek(Token![>=])
    }

    /// The budget of a metric whose name stands there as text.
    pub(crate) fn parse_text(name: &LitStr, input: ParseStream<'_>) -> Result<Self> {
        if !Self::follows(input) {
            return Err(Error::new(
                name.span(),
                r#"a text begins a budget: `"latency-p99.9" <= "10us"`"#,
            ));
        }
        Self::of(name.value(), name.span(), input)
    }

    fn of(metric: String, span: Span, input: ParseStream<'_>) -> Result<Self> {
        let is_floor = input.peek(Token![>=]);
        if is_floor {
            input.parse::<Token![>=]>()?;
        } else {
            input.parse::<Token![<=]>()?;
        }
        let measure = Measure::of(&metric);
        match (direction(&metric), is_floor) {
            (Some(Better::Less), true) => {
                return Err(Error::new(
                    span,
                    format!("less of `{metric}` is better: its budget is `{metric} <= …`"),
                ));
            }
            (Some(Better::More), false) => {
                return Err(Error::new(
                    span,
                    format!(
                        "more of `{metric}` is better: its budget is `{metric} >= …`, in a second"
                    ),
                ));
            }
            _ => {}
        }
        let limit: Expr = input.parse()?;
        let limit = match measure {
            Measure::Time => time(&limit),
            Measure::Size => size(&limit),
            Measure::Number => number(&metric, &limit),
        }?;
        Ok(Self {
            metric,
            is_floor,
            limit,
        })
    }
}

/// Which direction of a metric is the good one.
enum Better {
    Less,
    More,
}

/// `None` of a benchmark's own, of which it is known only once it is recorded.
fn direction(metric: &str) -> Option<Better> {
    match metric {
        "items" | "bytes" => Some(Better::More),
        "wall"
        | "cpu"
        | "user"
        | "sys"
        | "allocs"
        | "alloc-bytes"
        | "peak"
        | "peak-rss"
        | "instructions"
        | "instructions-valgrind" => Some(Better::Less),
        _ if metric.starts_with("latency-") => Some(Better::Less),
        _ => None,
    }
}

/// How a metric's amounts are written.
enum Measure {
    Time,
    Size,
    Number,
}

impl Measure {
    fn of(metric: &str) -> Self {
        match metric {
            "wall" | "cpu" => Self::Time,
            _ if metric.starts_with("latency-") => Self::Time,
            "peak" | "alloc-bytes" | "peak-rss" | "bytes" => Self::Size,
            _ => Self::Number,
        }
    }
}

/// A literal has to be a text with a unit; what any other expression comes to is for the compiler to check.
pub(super) fn time(limit: &Expr) -> Result<TokenStream> {
    let fault = || {
        Error::new(
            limit.span(),
            r#"a time is written "500ns", "10us", "1.5ms" or "2s", in whole nanoseconds"#,
        )
    };
    match (text_of(limit), limit) {
        (Some(text), _) => {
            let time = scaled(&text, &TIMES)
                .map(Duration::from_nanos)
                .ok_or_else(fault)?;
            let nanoseconds = u64::try_from(time.as_nanos()).map_err(|_| fault())?;
            Ok(quote!(::core::time::Duration::from_nanos(#nanoseconds)))
        }
        (None, Expr::Lit(_)) => Err(fault()),
        (None, expression) => Ok(quote!(#expression)),
    }
}

/// A number of bytes, or a text with a unit.
pub(super) fn size(limit: &Expr) -> Result<TokenStream> {
    let fault = || {
        Error::new(
            limit.span(),
            r#"a size is a number of bytes, or written "64KiB", "1.5MiB" or "100kB", in whole bytes"#,
        )
    };
    match (text_of(limit), limit) {
        (Some(text), _) => {
            let bytes = scaled(&text, &SIZES).ok_or_else(fault)?;
            Ok(quote!(#bytes))
        }
        (
            None,
            Expr::Lit(ExprLit {
                lit: Lit::Int(bytes),
                ..
            }),
        ) => {
            let bytes: u64 = bytes.base10_parse().map_err(|_| fault())?;
            Ok(quote!(#bytes))
        }
        (None, Expr::Lit(_)) => Err(fault()),
        (None, expression) => Ok(quote!(#expression)),
    }
}

fn number(metric: &str, limit: &Expr) -> Result<TokenStream> {
    match limit {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => {
            let number: u64 = number.base10_parse()?;
            Ok(quote!(#number))
        }
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => Ok(quote!(#number)),
        Expr::Lit(other) => Err(Error::new(
            other.span(),
            format!("the budget of `{metric}` is a plain number"),
        )),
        expression => Ok(quote!(#expression)),
    }
}

const TIMES: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
];

const SIZES: [(&str, u64); 8] = [
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// A number with one of these units, in the smallest; `None` unless it is a whole number of that.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = split(text)?;
    let (_, scale) = units.iter().find(|(name, _)| *name == unit)?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let divisor = 10_u128.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    let (whole, decimals): (u64, u64) = (whole.parse().ok()?, decimals.parse().ok()?);
    let part = u128::from(decimals) * u128::from(*scale);
    let amount = u128::from(whole) * u128::from(*scale) + part / divisor;
    (part % divisor == 0)
        .then(|| u64::try_from(amount).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_scaled_exactly() {
        for (text, units, expected) in [
            ("10us", &TIMES[..], Some(10_000)),
            ("1.5 µs", &TIMES, Some(1_500)),
            (" 2s ", &TIMES, Some(2_000_000_000)),
            ("0.5ns", &TIMES, None),
            ("10", &TIMES, None),
            ("us", &TIMES, None),
            ("-1us", &TIMES, None),
            ("1.2.3us", &TIMES, None),
            ("1e3us", &TIMES, None),
            ("64KiB", &SIZES, Some(65_536)),
            ("1.5MiB", &SIZES, Some(1_572_864)),
            ("100kB", &SIZES, Some(100_000)),
            ("0.3B", &SIZES, None),
            ("99999999999GiB", &SIZES, None),
            ("3 apples", &SIZES, None),
        ] {
            assert_eq!(scaled(text, units), expected, "{text}");
        }
    }
}

//! Reading the options of `#[perf::limit(…)]`: the level and the caps, and all that benchmarks have.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Expr, Generics, Ident, LitFloat, LitInt, LitStr, Result, Token};

use super::budget::{Budget, size, time};
use super::law;
use super::{Options, service};

/// The options of a limit.
pub(crate) struct LimitOptions {
    /// What is raised, and from where to where.
    pub(crate) level: (Ident, Expr),
    /// The builder's calls that are a limit's own.
    pub(crate) calls: TokenStream,
    /// Whether it is of how well users, or operations at a rate, are served.
    pub(crate) served: bool,
    /// What it has in common with other benchmarks.
    pub(crate) common: Options,
}

#[derive(Default)]
struct Reading {
    level: Option<(Ident, Expr)>,
    calls: TokenStream,
    common: Options,
    seen: Vec<Ident>,
    capped: bool,
    /// What was said that only such limits have, for which see [`super::service`].
    served: Option<Ident>,
}

const KINDS: [(&str, &str); 6] = [
    ("cpu", "Cpu"),
    ("memory", "Memory"),
    ("timeout", "Timeout"),
    ("recursion", "Recursion"),
    ("concurrency", "Concurrency"),
    ("load", "Load"),
];

impl LimitOptions {
    pub(crate) fn parse(input: ParseStream<'_>, generics: &Generics) -> Result<Self> {
        let mut reading = Reading::default();
        while !input.is_empty() {
            if input.peek(LitStr) {
                return Err(input.error(NO_BUDGETS));
            }
            let name: Ident = input.parse()?;
            if reading.seen.contains(&name) {
                return Err(super::twice(&name));
            }
            reading.option(&name, input, generics)?;
            reading.seen.push(name);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        reading.finish()
    }
}

const NO_BUDGETS: &str =
    "a limit has caps and no budgets: `wall = \"2s\"`, `rss = \"512MiB\"`, `stack = \"8MiB\"`";

impl Reading {
    fn option(&mut self, name: &Ident, input: ParseStream<'_>, generics: &Generics) -> Result<()> {
        if input.peek(Token![in]) {
            return self.level(name, input);
        }
        if let Some(call) = service::option(name, input)? {
            self.served.get_or_insert_with(|| name.clone());
            self.calls.extend(call);
            return Ok(());
        }
        if Budget::follows(input) {
            return Err(Error::new(name.span(), NO_BUDGETS));
        }
        let call = match name.to_string().as_str() {
            "wall" | "budget" => time(&value(input)?)?,
            "rss" | "stack" => size(&value(input)?)?,
            "precision" => precision(input)?,
            "repeats" => repeats(input)?,
            "kind" => return self.kind(input),
            "fit" => {
                input.parse::<Token![=]>()?;
                let promised = law::of_levels(input)?;
                quote!(#promised)
            }
            "threads" | "runtime" => {
                return Err(Error::new(
                    name.span(),
                    format!("a limit has no `{name}`: its body starts what it needs itself"),
                ));
            }
            "under" | "recovery" => {
                return Err(Error::new(
                    name.span(),
                    format!("a limit has no `{name}`: it is not searched under stress"),
                ));
            }
            _ => return self.common.option(name, input, generics),
        };
        self.capped |= name == "wall" || name == "rss" || name == "stack";
        self.calls.extend(quote!(.#name(#call)));
        Ok(())
    }

    fn level(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        input.parse::<Token![in]>()?;
        let range: Expr = input.parse()?;
        if let Expr::Range(syn::ExprRange {
            limits: syn::RangeLimits::HalfOpen(_),
            ..
        }) = &range
        {
            return Err(Error::new(
                range.span(),
                "the last level is part of the range: write `1..=1_000_000`",
            ));
        }
        if self.level.is_some() {
            return Err(Error::new(
                name.span(),
                "a limit raises one level; other axes have values: `name = […]`",
            ));
        }
        self.level = Some((name.clone(), range));
        Ok(())
    }

    fn kind(&mut self, input: ParseStream<'_>) -> Result<()> {
        input.parse::<Token![=]>()?;
        let kind: Ident = input.parse()?;
        let known = KINDS.iter().find(|(word, _)| kind == word);
        let Some((word, variant)) = known else {
            return Err(Error::new(
                kind.span(),
                "a limit is of kind cpu, memory, timeout, recursion, concurrency or load",
            ));
        };
        self.capped |= *word == "recursion";
        if ["concurrency", "load"].contains(word) {
            self.served.get_or_insert_with(|| kind.clone());
        }
        let variant = Ident::new(variant, kind.span());
        self.calls
            .extend(quote!(.kind(::perf_harness::LimitKind::#variant)));
        Ok(())
    }

    fn finish(self) -> Result<LimitOptions> {
        let Some(level) = self.level else {
            return Err(Error::new(
                Span::call_site(),
                "a limit needs a level that is raised: `n in 1..=1_000_000`",
            ));
        };
        if let Some(said) = &self.served {
            service::check(said, &level.0)?;
        } else if !self.capped {
            return Err(Error::new(
                Span::call_site(),
                "a limit needs a cap: `wall = \"2s\"`, `rss = \"512MiB\"` or `stack = \"8MiB\"`",
            ));
        }
        if let Some(budget) = self.common.budgets.first() {
            return Err(Error::new(
                Span::call_site(),
                format!("`{}`: {NO_BUDGETS}", budget.metric),
            ));
        }
        Ok(LimitOptions {
            level,
            calls: self.calls,
            served: self.served.is_some(),
            common: self.common,
        })
    }
}

fn value(input: ParseStream<'_>) -> Result<Expr> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn precision(input: ParseStream<'_>) -> Result<TokenStream> {
    input.parse::<Token![=]>()?;
    let number: LitFloat = input.parse().map_err(|error| {
        Error::new(
            error.span(),
            "a precision is written 0.05, for five per cent",
        )
    })?;
    if !(0.001..=1.0).contains(&number.base10_parse::<f64>()?) {
        return Err(Error::new(
            number.span(),
            "a precision is between 0.001 and 1.0",
        ));
    }
    Ok(quote!(#number))
}

fn repeats(input: ParseStream<'_>) -> Result<TokenStream> {
    input.parse::<Token![=]>()?;
    let number: LitInt = input.parse()?;
    if !(1..=99).contains(&number.base10_parse::<u32>()?) {
        return Err(Error::new(
            number.span(),
            "a level is probed from 1 to 99 times",
        ));
    }
    Ok(quote!(#number))
}

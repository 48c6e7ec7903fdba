//! Reading the options of `#[perf::bench(…)]`.

mod axis;
mod budget;
mod gate;
mod law;
mod limit;
mod service;
mod stress;
mod time;

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use syn::parse::ParseStream;
use syn::{Error, Expr, Generics, Ident, LitInt, LitStr, Result, Token};

pub(crate) use axis::{Axis, Values};
pub(crate) use budget::Budget;
pub(crate) use limit::LimitOptions;

/// The options, in the order they were written.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) axes: Vec<Axis>,
    pub(crate) threads: Option<Expr>,
    pub(crate) runtime: Option<Expr>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) version: Option<u32>,
    pub(crate) ignore: Option<Ignore>,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) gate: Option<LitStr>,
    pub(crate) fit: Option<LitStr>,
    /// What it runs under, as the builder takes it.
    pub(crate) under: Option<TokenStream>,
    pub(crate) recovery: Option<Duration>,
}

/// `ignore`, or `ignore = "needs a GPU"`.
pub(crate) struct Ignore {
    pub(crate) reason: Option<String>,
}

impl Options {
    /// Reads all of `input`, for a function with these generic parameters: what stands behind the name of one of them is a
    /// list of types or constants.
    pub(crate) fn parse(input: ParseStream<'_>, generics: &Generics) -> Result<Self> {
        let mut options = Self::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            if input.peek(LitStr) {
                let name: LitStr = input.parse()?;
                options.budget(Budget::parse_text(&name, input)?, name.span())?;
            } else {
                let name: Ident = input.parse()?;
                // Two budgets the same way are told by the metric, which may stand there in two spellings.
                if seen.contains(&name) && !Budget::follows(input) {
                    return Err(twice(&name));
                }
                options.option(&name, input, generics)?;
                seen.push(name);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }

    fn option(&mut self, name: &Ident, input: ParseStream<'_>, generics: &Generics) -> Result<()> {
        if name == "ignore" {
            self.ignore = Some(ignore(input)?);
            return Ok(());
        }
        if Budget::follows(input) {
            return self.budget(Budget::parse(name, input)?, name.span());
        }
        if !input.peek(Token![=]) {
            return Err(Error::new(
                name.span(),
                format!(
                    "expected `{name} = …`: an axis with its values, or `types`, `consts`, `threads`, `runtime`, `timeout`, `version`, `gate`, `fit`, `under`, `recovery`, `ignore`; a budget is `{name} <= …` or `{name} >= …`"
                ),
            ));
        }
        input.parse::<Token![=]>()?;
        if name == "timeout" {
            self.timeout = Some(time::timeout(&input.parse()?)?);
        } else if name == "version" {
            let number: LitInt = input.parse()?;
            self.version = Some(number.base10_parse()?);
        } else if name == "gate" {
            self.gate = Some(gate::gate(input)?);
        } else if name == "fit" {
            self.fit = Some(law::of_axis(input)?);
        } else if name == "under" {
            self.under = Some(stress::stress(input)?);
        } else if name == "recovery" {
            self.recovery = Some(time::timeout(&input.parse()?)?);
        } else if name == "runtime" {
            self.runtime = Some(input.parse()?);
        } else if name == "threads" {
            self.threads = Some(axis::iterated(input)?);
        } else {
            let axis = match Axis::of_generics(name, input, generics)? {
                Some(axis) => axis,
                None => Axis::plain(name, input)?,
            };
            // Only `types` and `consts` can hide that it does.
            if self.axes.iter().any(|known| known.name == axis.name) {
                return Err(twice(&axis.name));
            }
            self.axes.push(axis);
        }
        Ok(())
    }

    fn budget(&mut self, budget: Budget, span: Span) -> Result<()> {
        let metric = &budget.metric;
        let same = |known: &Budget| known.metric == *metric && known.is_floor == budget.is_floor;
        if self.budgets.iter().any(same) {
            return Err(Error::new(span, format!("`{metric}` has two budgets")));
        }
        self.budgets.push(budget);
        Ok(())
    }
}

fn twice(name: &Ident) -> Error {
    Error::new(name.span(), format!("`{name}` stands twice"))
}

fn ignore(input: ParseStream<'_>) -> Result<Ignore> {
    let mut reason = None;
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        let literal: LitStr = input.parse().map_err(|error| {
            Error::new(
                error.span(),
                r#"a reason is a text: `ignore = "needs a GPU"`"#,
            )
        })?;
        let text = literal.value();
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(Error::new(
                literal.span(),
                "a reason is a line of text that is not empty",
            ));
        }
        reason = Some(text);
    }
    Ok(Ignore { reason })
}

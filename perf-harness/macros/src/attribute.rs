//! Reading the options of `#[perf::bench(…)]`.

use std::time::Duration;

use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Result, Token};

/// The options, in the order they were written.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) axes: Vec<Axis>,
    pub(crate) threads: Option<Expr>,
    pub(crate) runtime: Option<Expr>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) version: Option<u32>,
    pub(crate) ignore: bool,
}

/// `name = values`.
pub(crate) struct Axis {
    pub(crate) name: Ident,
    pub(crate) values: Expr,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            if seen.contains(&name) {
                return Err(Error::new(name.span(), format!("`{name}` stands twice")));
            }
            options.option(&name, input)?;
            seen.push(name);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    fn option(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        if name == "ignore" {
            self.ignore = true;
            return Ok(());
        }
        if !input.peek(Token![=]) {
            return Err(Error::new(
                name.span(),
                format!(
                    "expected `{name} = …`: an axis with its values, or `threads`, `runtime`, `timeout`, `version`, `ignore`"
                ),
            ));
        }
        input.parse::<Token![=]>()?;
        if name == "timeout" {
            self.timeout = Some(duration(&input.parse()?)?);
        } else if name == "version" {
            let number: LitInt = input.parse()?;
            self.version = Some(number.base10_parse()?);
        } else if name == "runtime" {
            self.runtime = Some(input.parse()?);
        } else if name == "threads" {
            self.threads = Some(values(input)?);
        } else {
            self.axes.push(Axis {
                name: name.clone(),
                values: values(input)?,
            });
        }
        Ok(())
    }
}

/// The values of an axis. That they are several is the user's business, except where it is plain that they are not.
fn values(input: ParseStream<'_>) -> Result<Expr> {
    let expression: Expr = input.parse()?;
    match &expression {
        Expr::Array(array) if array.elems.is_empty() => {
            Err(Error::new(array.span(), "an axis needs at least one value"))
        }
        Expr::Lit(ExprLit { lit, .. }) => Err(Error::new(
            lit.span(),
            "an axis takes several values: write `[…]` around it",
        )),
        _ => Ok(expression),
    }
}

/// `"10s"`, `"500ms"`, `"2min"`.
fn duration(text: &Expr) -> Result<Duration> {
    let fault = |span| Error::new(span, r#"a timeout is written "500ms", "10s" or "2min""#);
    let Expr::Lit(ExprLit {
        lit: Lit::Str(literal),
        ..
    }) = text
    else {
        return Err(fault(text.span()));
    };
    parse_duration(literal)
        .filter(|d| !d.is_zero())
        .ok_or_else(|| fault(literal.span()))
}

fn parse_duration(literal: &LitStr) -> Option<Duration> {
    let text = literal.value();
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let milliseconds = match text[digits..].trim() {
        "ms" => number,
        "s" => number.checked_mul(1000)?,
        "min" => number.checked_mul(60_000)?,
        _ => return None,
    };
    Some(Duration::from_millis(milliseconds))
}

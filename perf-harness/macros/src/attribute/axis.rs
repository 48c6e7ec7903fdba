//! Axes: plain ones, whose values a parameter of the function takes, and those of its type and const parameters.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, GenericParam, Generics, Ident, Result, Token, Type, bracketed};

/// `name = values`.
pub(crate) struct Axis {
    pub(crate) name: Ident,
    pub(crate) values: Values,
}

/// What an axis takes its values from.
pub(crate) enum Values {
    /// An expression that can be iterated over.
    Iterated(Expr),
    /// The types that a type parameter stands for.
    Types(Vec<Type>),
    /// The constants that a const parameter stands for.
    Consts(Vec<Expr>),
}

impl Axis {
    /// The axis that `option` begins, if it is a word for one of the function's generic parameters: its name, or `types`
    /// and `consts` where there is one of that kind.
    pub(crate) fn of_generics(
        option: &Ident,
        input: ParseStream<'_>,
        generics: &Generics,
    ) -> Result<Option<Self>> {
        let parameter = if option == "types" {
            only(option, "type", generics.type_params().map(|p| &p.ident))?
        } else if option == "consts" {
            only(option, "const", generics.const_params().map(|p| &p.ident))?
        } else {
            option
        };
        let found = generics.params.iter().find_map(|param| match param {
            GenericParam::Type(p) if p.ident == *parameter => {
                Some(listed(input).map(Values::Types))
            }
            GenericParam::Const(p) if p.ident == *parameter => {
                Some(listed(input).map(Values::Consts))
            }
            _ => None,
        });
        let Some(values) = found else {
            return Ok(None);
        };
        Ok(Some(Self {
            name: Ident::new(&parameter.to_string(), option.span()),
            values: values?,
        }))
    }

    /// A plain axis, whose values may be any expression.
    pub(crate) fn plain(name: &Ident, input: ParseStream<'_>) -> Result<Self> {
        Ok(Self {
            name: name.clone(),
            values: Values::Iterated(iterated(input)?),
        })
    }
}

/// The only parameter of a kind.
fn only<'a>(
    option: &Ident,
    kind: &str,
    mut parameters: impl Iterator<Item = &'a Ident>,
) -> Result<&'a Ident> {
    let fault = |message| Err(Error::new(option.span(), message));
    match (parameters.next(), parameters.next()) {
        (Some(parameter), None) => Ok(parameter),
        (None, _) => fault(format!(
            "the function has no {kind} parameter to take these"
        )),
        (Some(one), Some(other)) => fault(format!(
            "the function has several {kind} parameters: give each a list of its own, `{one} = […], {other} = […]`"
        )),
    }
}

/// `[A, B]`, of types or constants: they are written into the program, so they have to be written out.
fn listed<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    if !input.peek(syn::token::Bracket) {
        return Err(Error::new(
            input.span(),
            "what a generic parameter stands for is written out, in `[…]`",
        ));
    }
    let list;
    let bracket = bracketed!(list in input);
    let values: Punctuated<T, Token![,]> = list.parse_terminated(T::parse, Token![,])?;
    if values.is_empty() {
        return Err(Error::new(bracket.span.join(), NO_VALUE));
    }
    Ok(values.into_iter().collect())
}

/// The values of an axis. That they are several is the user's business, except where it is plain that they are not.
pub(crate) fn iterated(input: ParseStream<'_>) -> Result<Expr> {
    let expression: Expr = input.parse()?;
    match &expression {
        Expr::Array(array) if array.elems.is_empty() => Err(Error::new(array.span(), NO_VALUE)),
        Expr::Lit(ExprLit { lit, .. }) => Err(Error::new(
            lit.span(),
            "an axis takes several values: write `[…]` around it; the options are `types`, `consts`, `threads`, `runtime`, \
             `timeout`, `version`, `gate`, `fit`, `ignore`",
        )),
        _ => Ok(expression),
    }
}

const NO_VALUE: &str = "an axis needs at least one value";

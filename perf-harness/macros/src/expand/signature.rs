//! What the function takes, and whether the options fit it.

use syn::spanned::Spanned;
use syn::{Error, FnArg, GenericParam, Ident, ItemFn, Pat, Result, Type};

use crate::attribute::{Axis, Options, Values};
use crate::awaited;

/// A parameter of the function.
pub(crate) struct Parameter<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) of_type: &'a Type,
}

/// What the function takes.
pub(crate) struct Signature<'a> {
    pub(crate) takes_bench: bool,
    /// The parameters that are axes, in the function's order.
    pub(crate) axes: Vec<Parameter<'a>>,
}

impl<'a> Signature<'a> {
    pub(crate) fn of(options: &Options, function: &'a ItemFn) -> Result<Self> {
        refuse_unusual(function)?;
        awaited::check(options, function)?;
        check_generics(options, function)?;
        let mut parameters = function
            .sig
            .inputs
            .iter()
            .map(parameter)
            .collect::<Result<Vec<_>>>()?;
        let is_axis = |p: &Parameter<'_>| {
            plain(options).any(|axis| axis.name == *p.name)
                || (options.threads.is_some() && *p.name == "threads")
        };
        let takes_bench = parameters.first().is_some_and(|first| !is_axis(first));
        if takes_bench {
            parameters.remove(0);
        }
        if let Some(stray) = parameters.iter().find(|p| !is_axis(p)) {
            let name = stray.name;
            return Err(Error::new(
                name.span(),
                format!("parameter `{name}` has no values: add `{name} = […]` to the attribute"),
            ));
        }
        for axis in plain(options) {
            if !parameters.iter().any(|p| *p.name == axis.name) {
                let name = &axis.name;
                return Err(Error::new(
                    name.span(),
                    format!("the function has no parameter `{name}` to take this axis"),
                ));
            }
        }
        if options.runtime.is_some() && takes_bench {
            return Err(awaited::takes_bench(function));
        }
        if options.threads.is_some() && !takes_bench {
            return Err(Error::new(
                function.sig.ident.span(),
                "a benchmark with `threads` takes a `perf::Bench` and calls its `run_shared`",
            ));
        }
        Ok(Self {
            takes_bench,
            axes: parameters,
        })
    }
}

/// The axes that parameters of the function take.
fn plain(options: &Options) -> impl Iterator<Item = &Axis> {
    let is_plain = |axis: &&Axis| matches!(axis.values, Values::Iterated(_));
    options.axes.iter().filter(is_plain)
}

fn refuse_unusual(function: &ItemFn) -> Result<()> {
    let signature = &function.sig;
    if let syn::Safety::Unsafe(keyword) = &signature.safety {
        return Err(Error::new(
            keyword.span(),
            "a benchmark is a safe function: put the unsafe part inside it",
        ));
    }
    Ok(())
}

/// Every generic parameter needs to be told what it stands for.
fn check_generics(options: &Options, function: &ItemFn) -> Result<()> {
    for parameter in &function.sig.generics.params {
        let (kind, word, what, name) = match parameter {
            GenericParam::Lifetime(lifetime) => {
                return Err(Error::new(
                    lifetime.span(),
                    "a benchmark has no lifetime parameters",
                ));
            }
            GenericParam::Type(p) => ("type", "types", "types", &p.ident),
            GenericParam::Const(p) => ("const", "consts", "values", &p.ident),
        };
        if !options.axes.iter().any(|axis| axis.name == *name) {
            return Err(Error::new(
                name.span(),
                format!(
                    "{kind} parameter `{name}` has no {what}: add `{word} = […]` or `{name} = […]` to the attribute"
                ),
            ));
        }
    }
    Ok(())
}

fn parameter(argument: &FnArg) -> Result<Parameter<'_>> {
    match argument {
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(pattern) => Ok(Parameter {
                name: &pattern.ident,
                of_type: &typed.ty,
            }),
            other => Err(Error::new(
                other.span(),
                "a parameter of a benchmark needs a plain name",
            )),
        },
        FnArg::Receiver(receiver) => Err(Error::new(
            receiver.span(),
            "a benchmark is a free function, not a method",
        )),
    }
}

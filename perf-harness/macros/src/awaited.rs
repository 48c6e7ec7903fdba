//! An `async fn` as a benchmark: each iteration awaits a call of it, on the runtime that the attribute names.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, ItemFn, Result};

use crate::attribute::Options;
use crate::expand::{Parameter, hidden_arguments, values};

/// An async function needs a runtime, and only an async one has one.
pub(crate) fn check(options: &Options, function: &ItemFn) -> Result<()> {
    match (&function.sig.asyncness, &options.runtime) {
        (Some(keyword), None) => Err(Error::new(
            keyword.span(),
            "an async benchmark needs a runtime: `#[perf::bench(runtime = …)]`",
        )),
        (None, Some(runtime)) => Err(Error::new(
            runtime.span(),
            "`runtime` is for an `async fn`: a function that takes a `perf::Bench` calls `b.on(&runtime)`",
        )),
        (Some(_), Some(_)) if options.threads.is_some() => Err(Error::new(
            function.sig.ident.span(),
            "an async benchmark has no `threads`: give them to its runtime, as an axis of another name",
        )),
        _ => Ok(()),
    }
}

/// What to say of an async function that takes a `Bench`.
pub(crate) fn takes_bench(function: &ItemFn) -> Error {
    Error::new(
        function.sig.ident.span(),
        "an async benchmark is the body itself: to prepare something for it, write a plain function that takes a \
         `perf::Bench` and calls `b.on(&runtime)`",
    )
}

/// The runtime is made once in the process, before anything is measured.
pub(crate) fn call(
    runtime: &Expr,
    axes: &[Parameter<'_>],
    name: &Ident,
    turbofish: &TokenStream,
) -> TokenStream {
    let values = values(axes);
    let arguments = hidden_arguments(axes);
    // At the user's expression, so that a value that is no runtime is an error there.
    let on = quote_spanned!(runtime.span()=> bench.on(&runtime));
    quote! {
        |bench, case| {
            let _ = case;
            #values
            let runtime = #runtime;
            #on.run(async || #name #turbofish (#(#arguments),*).await);
        }
    }
}

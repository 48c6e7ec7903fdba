//! What `#[perf::bench]` becomes: the function as it was written, and an entry that says the same to the builder.

mod body;
mod declaration;
mod label;
mod signature;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, ItemFn, Result, ReturnType};

use crate::attribute::Options;
pub(crate) use body::{Form, each_instance, hidden_arguments, values};
pub(crate) use declaration::declaration;
pub(crate) use signature::{Parameter, Signature};

pub(crate) fn bench(options: &Options, function: &ItemFn) -> Result<TokenStream> {
    let signature = Signature::of(options, function)?;
    let calls = declaration(options, &signature, function);
    let body = body::body(options, &signature, function);
    let entry = entry(&function.sig.ident, &quote!(#calls .run(#body)));
    let function = unit_function(function, signature.takes_bench);
    Ok(quote!(#function #entry))
}

/// What the linker gathers: the function's name and place, and the builder's calls.
pub(crate) fn entry(function: &Ident, calls: &TokenStream) -> TokenStream {
    let name = function.to_string();
    quote! {
        const _: () = {
            #[::perf_harness::private::linkme::distributed_slice(::perf_harness::private::ENTRIES)]
            #[linkme(crate = ::perf_harness::private::linkme)]
            static ENTRY: ::perf_harness::private::Entry = ::perf_harness::private::Entry {
                module: ::core::module_path!(),
                name: #name,
                location: (::core::file!(), ::core::line!(), ::core::column!()),
                declare: |benchmark| benchmark #calls,
            };
        };
    }
}

/// A function that takes a `Bench` may end with the `run` call, without a semicolon: what that returns is dropped here.
pub(crate) fn unit_function(function: &ItemFn, takes_bench: bool) -> TokenStream {
    if !takes_bench || !matches!(function.sig.output, ReturnType::Default) {
        return quote!(#function);
    }
    let ItemFn {
        attrs,
        vis,
        sig,
        block,
        ..
    } = function;
    quote! {
        #(#attrs)*
        #vis #sig {
            #[allow(clippy::let_unit_value, clippy::let_underscore_untyped, clippy::semicolon_if_nothing_returned)]
            let _ = #block;
        }
    }
}

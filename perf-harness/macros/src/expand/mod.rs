//! What `#[perf::bench]` becomes: the function as it was written, and an entry that says the same to the builder.

mod body;
mod declaration;
mod label;
mod signature;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemFn, Result, ReturnType};

use crate::attribute::Options;
use signature::Signature;

pub(crate) fn bench(options: &Options, function: &ItemFn) -> Result<TokenStream> {
    let signature = Signature::of(options, function)?;
    let calls = declaration::declaration(options, &signature, function);
    let body = body::body(options, &signature, function);
    let name = function.sig.ident.to_string();
    let function = unit_function(function, signature.takes_bench);
    Ok(quote! {
        #function

        const _: () = {
            #[::perf_harness::private::linkme::distributed_slice(::perf_harness::private::ENTRIES)]
            #[linkme(crate = ::perf_harness::private::linkme)]
            static ENTRY: ::perf_harness::private::Entry = ::perf_harness::private::Entry {
                module: ::core::module_path!(),
                name: #name,
                location: (::core::file!(), ::core::line!(), ::core::column!()),
                declare: |benchmark| benchmark #calls .run(#body),
            };
        };
    })
}

/// A function that takes a `Bench` may end with the `run` call, without a semicolon: what that returns is dropped here.
fn unit_function(function: &ItemFn, takes_bench: bool) -> TokenStream {
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

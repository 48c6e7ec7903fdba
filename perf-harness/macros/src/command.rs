//! What `#[perf::command]` becomes: a benchmark of the program that the function names.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ItemFn, Result, ReturnType};

use crate::attribute::Options;
use crate::expand::{Form, Signature, declaration, each_instance, entry, values};

pub(crate) fn command(options: &Options, function: &ItemFn) -> Result<TokenStream> {
    check(options, function)?;
    let signature = Signature::of(options, function)?;
    if signature.takes_bench {
        return Err(Error::new(
            function.sig.inputs.span(),
            "a command takes its axes and nothing else: give each parameter its values in the attribute",
        ));
    }
    let calls = declaration(options, &signature, function);
    let form = Form {
        takes: quote!(case),
        of_type: quote!(fn(&::perf_harness::Case) -> ::perf_harness::Command),
    };
    let command = each_instance(options, function, &form, |turbofish| {
        call(&signature, function, turbofish)
    });
    let entry = entry(&function.sig.ident, &quote!(#calls .command(#command)));
    Ok(quote!(#function #entry))
}

fn call(signature: &Signature<'_>, function: &ItemFn, turbofish: &TokenStream) -> TokenStream {
    let name = &function.sig.ident;
    let values = values(&signature.axes);
    let variables = signature.axes.iter().map(|p| p.name);
    // At the type that the user wrote, so that another one is an error there.
    let run = quote_spanned! {function.sig.output.span()=>
        let command: ::perf_harness::Command = #name #turbofish (#(#variables),*);
    };
    quote!(|case| { let _ = case; #values #run command })
}

fn check(options: &Options, function: &ItemFn) -> Result<()> {
    if let Some(counts) = &options.threads {
        return Err(Error::new(
            counts.span(),
            "a command has no `threads`: for a number that the program is to be given choose another name",
        ));
    }
    if let Some(runtime) = &options.runtime {
        return Err(Error::new(
            runtime.span(),
            "a command has no `runtime`: it is a process of its own",
        ));
    }
    if let Some(under) = &options.under {
        return Err(Error::new(
            under.span(),
            "a command is not measured under stress",
        ));
    }
    if let Some(keyword) = &function.sig.asyncness {
        return Err(Error::new(
            keyword.span(),
            "a command is not async: it says what to run",
        ));
    }
    if matches!(function.sig.output, ReturnType::Default) {
        return Err(Error::new(
            function.sig.ident.span(),
            "a command returns what to run: `-> perf::Command`",
        ));
    }
    Ok(())
}

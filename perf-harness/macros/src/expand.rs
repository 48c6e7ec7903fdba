//! What `#[perf::bench]` becomes: the function as it was written, and an entry that says the same to the builder.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, Pat, Result, ReturnType, Type};

use crate::attribute::Options;
use crate::awaited;

/// A parameter of the function.
pub(crate) struct Parameter<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) of_type: &'a Type,
}

pub(crate) fn bench(options: Options, function: &ItemFn) -> Result<TokenStream> {
    let signature = Signature::of(&options, function)?;
    let calls = declaration(&options, &signature);
    let body = match &options.runtime {
        Some(runtime) => awaited::body(runtime, &signature.axes, &function.sig.ident),
        None => body(&signature, function),
    };
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
        let mut parameters = function
            .sig
            .inputs
            .iter()
            .map(parameter)
            .collect::<Result<Vec<_>>>()?;
        let is_axis = |p: &Parameter<'_>| {
            options.axes.iter().any(|axis| axis.name == *p.name)
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
        for axis in &options.axes {
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

fn refuse_unusual(function: &ItemFn) -> Result<()> {
    let signature = &function.sig;
    if let syn::Safety::Unsafe(keyword) = &signature.safety {
        return Err(Error::new(
            keyword.span(),
            "a benchmark is a safe function: put the unsafe part inside it",
        ));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new(
            signature.generics.span(),
            "a benchmark has no generic parameters",
        ));
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

/// The builder's calls that the options stand for.
pub(crate) fn declaration(options: &Options, signature: &Signature<'_>) -> TokenStream {
    let mut calls = TokenStream::new();
    for axis in &options.axes {
        let (name, values) = (axis.name.to_string(), &axis.values);
        let of_type = signature
            .axes
            .iter()
            .find(|p| *p.name == axis.name)
            .map(|p| p.of_type);
        calls.extend(quote!(.axis::<#of_type>(#name, #values)));
    }
    if let Some(counts) = &options.threads {
        calls.extend(quote!(.threads(#counts)));
    }
    if let Some(timeout) = options.timeout {
        let milliseconds = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        calls.extend(quote!(.timeout(::core::time::Duration::from_millis(#milliseconds))));
    }
    if let Some(version) = options.version {
        calls.extend(quote!(.version(#version)));
    }
    if options.ignore {
        calls.extend(quote!(.ignore()));
    }
    calls
}

fn body(signature: &Signature<'_>, function: &ItemFn) -> TokenStream {
    let name = &function.sig.ident;
    let values = values(&signature.axes);
    if signature.takes_bench {
        let variables = signature.axes.iter().map(|p| p.name);
        quote!(|bench, case| { let _ = case; #values #name(bench, #(#variables),*); })
    } else {
        let arguments = hidden_arguments(&signature.axes);
        quote!(|bench, case| { let _ = case; #values bench.run(|| #name(#(#arguments),*)); })
    }
}

/// A variable for the value that each axis has in the case.
pub(crate) fn values(axes: &[Parameter<'_>]) -> TokenStream {
    let variables = axes.iter().map(|p| p.name);
    let types = axes.iter().map(|p| p.of_type);
    let labels = axes.iter().map(|p| p.name.to_string());
    quote!(#(let #variables: #types = case.get(#labels);)*)
}

/// The values as arguments of a call: the clones are outside the optimiser's sight, and cost nothing for the plain values
/// that axes have.
pub(crate) fn hidden_arguments(axes: &[Parameter<'_>]) -> Vec<TokenStream> {
    axes.iter()
        .map(|p| {
            let name = p.name;
            quote!(::core::hint::black_box(::core::clone::Clone::clone(&#name)))
        })
        .collect()
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

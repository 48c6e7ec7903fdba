//! What `#[perf::limit]` becomes: the function as it was written, and an entry that says the same to the builder.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, Pat, Result, ReturnType};

use crate::attribute::{Axis, LimitOptions, Options, Values};
use crate::expand::{
    Form, Parameter, Signature, declaration, each_instance, entry, unit_function, values,
};

pub(crate) fn limit(mut options: LimitOptions, function: &ItemFn) -> Result<TokenStream> {
    if let Some(keyword) = &function.sig.asyncness {
        return Err(Error::new(
            keyword.span(),
            "a limit is a plain function: it awaits inside `measure`, on a runtime of its own",
        ));
    }
    if !matches!(function.sig.output, ReturnType::Default) {
        return Err(Error::new(
            function.sig.output.span(),
            "a limit returns nothing: what `measure` returns is checked with `check`",
        ));
    }
    let (level, range) = options.level;
    let served = options.served;
    // To the function the level is one of its axes, and to the builder it is none. How many users there are is the
    // generator's affair: a body that serves them need not ask.
    let is_given = !served || takes(function, &level);
    if is_given {
        options.common.axes.push(Axis {
            name: level.clone(),
            values: Values::Iterated(range.clone()),
        });
    }
    let mut signature = Signature::of(&options.common, function)?;
    if is_given {
        options.common.axes.pop();
    }
    if !signature.takes_bench {
        let name = &function.sig.ident;
        let handle = if served { "Load" } else { "Probe" };
        return Err(Error::new(
            name.span(),
            format!(
                "a limit takes a `perf::{handle}` first: `fn {name}(_: perf::{handle}, {level}: u64)`"
            ),
        ));
    }
    let all = std::mem::take(&mut signature.axes);
    let names: Vec<&Ident> = all.iter().map(|p| p.name).collect();
    let (at, rest): (Vec<Parameter<'_>>, Vec<_>) = all.into_iter().partition(|p| *p.name == level);
    signature.axes = rest;
    let calls = declaration(&options.common, &signature, function);
    // Out of the way of the function's own parameters, which may have any name.
    let [probe, at_level] = own_names();
    let form = Form {
        takes: quote!(#probe, #at_level, case),
        of_type: if served {
            quote!(fn(::perf_harness::Load, u64, &::perf_harness::Case))
        } else {
            quote!(fn(::perf_harness::Probe, u64, &::perf_harness::Case))
        },
    };
    let complete = if served { quote!(load) } else { quote!(run) };
    let body = body(&options.common, function, &form, &at, &signature, &names);
    let (axis, own) = (level.to_string(), &options.calls);
    // At the range that the user wrote, so that one of other numbers is an error there.
    let begin = quote_spanned!(range.span()=> .limit(#axis, #range));
    let entry = entry(
        &function.sig.ident,
        &quote!(#calls #begin #own .#complete(#body)),
    );
    let function = unit_function(function, true);
    Ok(quote!(#function #entry))
}

/// The closure that calls the function with a level and the values of its axes.
fn body(
    options: &Options,
    function: &ItemFn,
    form: &Form,
    level: &[Parameter<'_>],
    signature: &Signature<'_>,
    names: &[&Ident],
) -> TokenStream {
    let name = &function.sig.ident;
    let values = values(&signature.axes);
    let [probe, at_level] = own_names();
    let called = Ident::new("called", Span::mixed_site());
    let levels = level.iter().map(|p| {
        let (name, of_type) = (p.name, p.of_type);
        // At the type that the user wrote, so that another one is an error there.
        let mut at_level = at_level.clone();
        at_level.set_span(at_level.span().located_at(of_type.span()));
        quote_spanned!(of_type.span()=> let #name: #of_type = #at_level;)
    });
    let levels: TokenStream = levels.collect();
    each_instance(options, function, form, |turbofish| {
        quote!(|#probe, #at_level, case| {
            let #called = #name #turbofish;
            let _ = (case, #at_level);
            #values
            #levels
            #called(#probe, #(#names),*);
        })
    })
}

/// Whether the function has a parameter of that name.
fn takes(function: &ItemFn, name: &Ident) -> bool {
    let is_it = |input: &FnArg| match input {
        FnArg::Typed(typed) => matches!(&*typed.pat, Pat::Ident(pattern) if pattern.ident == *name),
        FnArg::Receiver(_) => false,
    };
    function.sig.inputs.iter().any(is_it)
}

/// What the closure calls the probe and the level.
fn own_names() -> [Ident; 2] {
    ["probe", "level"].map(|name| Ident::new(name, Span::mixed_site()))
}

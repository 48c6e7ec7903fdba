//! The body that is handed to the builder: it gets the values of the axes and calls the function with them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Ident, ItemFn};

use super::signature::{Parameter, Signature};
use crate::attribute::{Options, Values};
use crate::awaited;

pub(super) fn body(options: &Options, signature: &Signature<'_>, function: &ItemFn) -> TokenStream {
    let form = Form {
        takes: quote!(bench, case),
        of_type: quote!(fn(::perf_harness::Bench, &::perf_harness::Case)),
    };
    each_instance(options, function, &form, |turbofish| {
        match &options.runtime {
            Some(runtime) => {
                awaited::call(runtime, &signature.axes, &function.sig.ident, turbofish)
            }
            None => call(signature, function, turbofish),
        }
    })
}

/// What the builder takes: a closure of these parameters, as a function of this type.
pub(crate) struct Form {
    pub(crate) takes: TokenStream,
    pub(crate) of_type: TokenStream,
}

/// The closure that `call` makes; where the function is generic one for each of its instances, given the arguments in
/// angle brackets, and the way to the one that a case asks for.
pub(crate) fn each_instance(
    options: &Options,
    function: &ItemFn,
    form: &Form,
    call: impl Fn(&TokenStream) -> TokenStream,
) -> TokenStream {
    let choices = Choices::of(options);
    if choices.axes.is_empty() {
        return call(&TokenStream::new());
    }
    // One instance of the function for each combination, the last axis fastest: the axes of generic parameters hold
    // places in their lists.
    let instances = choices
        .all()
        .into_iter()
        .map(|chosen| call(&choices.turbofish(&chosen, function)));
    let place = choices.place();
    let Form { takes, of_type } = form;
    quote!(|#takes| {
        const INSTANCES: &[#of_type] = &[#(#instances),*];
        INSTANCES[#place](#takes)
    })
}

/// Calls the function, or one instance of it, for a case.
fn call(signature: &Signature<'_>, function: &ItemFn, turbofish: &TokenStream) -> TokenStream {
    let name = &function.sig.ident;
    let values = values(&signature.axes);
    if signature.takes_bench {
        let variables = signature.axes.iter().map(|p| p.name);
        quote!(|bench, case| { let _ = case; #values #name #turbofish (bench, #(#variables),*); })
    } else {
        let arguments = hidden_arguments(&signature.axes);
        quote!(|bench, case| { let _ = case; #values bench.run(|| #name #turbofish (#(#arguments),*)); })
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

/// What the generic parameters may stand for.
struct Choices<'a> {
    /// In the order of the attribute: the parameter, and what can stand in its place.
    axes: Vec<(&'a Ident, Vec<TokenStream>)>,
}

impl<'a> Choices<'a> {
    fn of(options: &'a Options) -> Self {
        let axes = options.axes.iter().filter_map(|axis| {
            let arguments = match &axis.values {
                Values::Iterated(_) => return None,
                Values::Types(types) => types.iter().map(ToTokens::to_token_stream).collect(),
                Values::Consts(constants) => constants.iter().map(|c| quote!({ #c })).collect(),
            };
            Some((&axis.name, arguments))
        });
        Self {
            axes: axes.collect(),
        }
    }

    /// Every combination, as places in the lists.
    fn all(&self) -> Vec<Vec<usize>> {
        let mut combinations = vec![Vec::new()];
        for (_, arguments) in &self.axes {
            combinations = combinations
                .into_iter()
                .flat_map(|chosen: Vec<usize>| {
                    (0..arguments.len()).map(move |place| [chosen.as_slice(), &[place]].concat())
                })
                .collect();
        }
        combinations
    }

    /// The arguments of one combination, in the order of the function's parameters.
    fn turbofish(&self, chosen: &[usize], function: &ItemFn) -> TokenStream {
        let argument = |parameter: &Ident| {
            let with_place = self.axes.iter().zip(chosen);
            with_place
                .filter(|((name, _), _)| *name == parameter)
                .map(|((_, arguments), &place)| arguments[place].clone())
                .next()
        };
        let parameters = function.sig.generics.params.iter();
        let arguments = parameters.filter_map(|parameter| match parameter {
            syn::GenericParam::Type(p) => argument(&p.ident),
            syn::GenericParam::Const(p) => argument(&p.ident),
            syn::GenericParam::Lifetime(_) => None,
        });
        quote!(::<#(#arguments),*>)
    }

    /// Where the instance of a case stands in the list of all.
    fn place(&self) -> TokenStream {
        let mut place = quote!(0);
        for (name, arguments) in &self.axes {
            let (label, count) = (name.to_string(), arguments.len());
            place = quote!((#place) * #count + case.get::<usize>(#label));
        }
        place
    }
}

//! The builder's calls that the options stand for.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Ident, ItemFn, Type};

use super::label::label;
use super::signature::Signature;
use crate::attribute::{Axis, Budget, Options, Values};

pub(crate) fn declaration(
    options: &Options,
    signature: &Signature<'_>,
    function: &ItemFn,
) -> TokenStream {
    let axes = options
        .axes
        .iter()
        .map(|axis| self::axis(axis, signature, function));
    let mut calls: TokenStream = axes.collect();
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
    for budget in &options.budgets {
        let Budget { metric, limit, .. } = budget;
        calls.extend(if budget.is_floor {
            quote!(.at_least(#metric, #limit))
        } else {
            quote!(.at_most(#metric, #limit))
        });
    }
    if let Some(under) = &options.under {
        calls.extend(quote!(.under(#under)));
    }
    if let Some(recovery) = options.recovery {
        let milliseconds = u64::try_from(recovery.as_millis()).unwrap_or(u64::MAX);
        calls.extend(quote!(.recovery(::core::time::Duration::from_millis(#milliseconds))));
    }
    if let Some(gate) = &options.gate {
        calls.extend(quote!(.gate(#gate)));
    }
    if let Some(fit) = &options.fit {
        calls.extend(quote!(.fit(#fit)));
    }
    if let Some(ignore) = &options.ignore {
        calls.extend(match &ignore.reason {
            Some(reason) => quote!(.ignore_because(#reason)),
            None => quote!(.ignore()),
        });
    }
    calls
}

fn axis(axis: &Axis, signature: &Signature<'_>, function: &ItemFn) -> TokenStream {
    let name = axis.name.to_string();
    match &axis.values {
        Values::Iterated(values) => {
            let of_type = signature
                .axes
                .iter()
                .find(|p| *p.name == axis.name)
                .map(|p| p.of_type);
            quote!(.axis::<#of_type>(#name, #values))
        }
        Values::Types(types) => {
            let labels = types.iter().map(|t| label(quote!(#t)));
            let places = 0..types.len();
            quote!(.axis_labelled(#name, [#((#labels, #places)),*]))
        }
        Values::Consts(constants) => {
            let of_type = type_of(&axis.name, function);
            let labels = constants.iter().map(|c| constant_label(of_type, c));
            let places = 0..constants.len();
            quote!(.axis_labelled(#name, [#((#labels, #places)),*]))
        }
    }
}

/// A constant is named by its value, as the values of other axes are, however it is written.
fn constant_label(of_type: Option<&Type>, constant: &Expr) -> TokenStream {
    quote!(::std::format!("{:?}", { const VALUE: #of_type = #constant; VALUE }))
}

fn type_of<'a>(parameter: &Ident, function: &'a ItemFn) -> Option<&'a Type> {
    let mut constants = function.sig.generics.const_params();
    constants.find(|p| p.ident == *parameter).map(|p| &p.ty)
}

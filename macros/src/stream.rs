//! `#[derive(StreamPattern)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Result};

use crate::pattern;
use crate::pattern_attr::{Kind, PatternAttr};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attr = PatternAttr::of(input, Kind::Stream)?;
    let ident = &input.ident;
    let item = &attr.response;
    let error = &attr.error;
    // Located at the attribute, as an event's is.
    let span = Span::call_site().located_at(attr.span);
    let result = quote_spanned!(span=> ::nestling::ItemStream<#item, #error>);
    let shared = pattern::impls(ident, &attr, &quote!(StreamKind), &result);
    Ok(quote! {
        #shared

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl ::nestling::StreamPattern for #ident {
            type Item = #item;
            type Error = #error;
        }
    })
}

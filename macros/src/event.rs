//! `#[derive(EventPattern)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Result};

use crate::pattern;
use crate::pattern_attr::{Kind, PatternAttr};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attr = PatternAttr::of(input, Kind::Event)?;
    let ident = &input.ident;
    // Located at the attribute, so that a handler with another result is told where this one comes from.
    let span = Span::call_site().located_at(attr.span);
    let result = quote_spanned!(span=> ::core::result::Result<(), ::nestling::EventError>);
    let shared = pattern::impls(ident, &attr, &quote!(EventKind), &result);
    Ok(quote! {
        #shared

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl ::nestling::EventPattern for #ident {}
    })
}

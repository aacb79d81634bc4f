//! `#[derive(MessagePattern)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Result};

use crate::pattern;
use crate::pattern_attr::{Kind, PatternAttr};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attr = PatternAttr::of(input, Kind::Message)?;
    let ident = &input.ident;
    let response = attr.response.as_ref().map_or_else(|| quote!(()), |response| quote!(#response));
    let error = &attr.error;
    // Located at the attribute, as an event's is.
    let span = Span::call_site().located_at(attr.span);
    let result = quote_spanned!(span=> ::core::result::Result<#response, #error>);
    let shared = pattern::impls(ident, &attr, &quote!(MessageKind), &result);
    Ok(quote! {
        #shared

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl ::nestling::MessagePattern for #ident {
            type Response = #response;
            type Error = #error;
        }
    })
}

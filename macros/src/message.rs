//! `#[derive(MessagePattern)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use crate::pattern;
use crate::pattern_attr::{Kind, PatternAttr};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attr = PatternAttr::of(input, Kind::Message)?;
    let ident = &input.ident;
    let response = attr.response.as_ref().map_or_else(|| quote!(()), |response| quote!(#response));
    let error = &attr.error;
    let result = quote!(::core::result::Result<#response, #error>);
    let shared = pattern::impls(ident, &attr, &quote!(MessageKind), &result);
    Ok(quote! {
        #shared

        #[automatically_derived]
        impl ::nestling::MessagePattern for #ident {
            type Response = #response;
            type Error = #error;
        }
    })
}

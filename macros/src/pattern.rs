//! The impls that both kinds of pattern share.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use crate::pattern_attr::PatternAttr;

/// Writes `actix::Message` with the given `result`, and `Pattern` with the given `kind`.
pub(crate) fn impls(
    ident: &Ident,
    attr: &PatternAttr,
    kind: &TokenStream,
    result: &TokenStream,
) -> TokenStream {
    let patterns = &attr.patterns;
    let internal = attr.internal.then(|| {
        quote!(
            const INTERNAL: bool = true;
        )
    });
    let validate = attr.validate.as_ref().map(|path| {
        let span = Span::call_site().located_at(path.span());
        let checked = quote_spanned!(span=> let checked: ::core::result::Result<(), _> = #path(self););
        quote! {
            fn validate(&self) -> ::core::result::Result<(), ::std::string::String> {
                #checked
                checked.map_err(|error| ::std::string::ToString::to_string(&error))
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl ::nestling::__private::actix::Message for #ident {
            type Result = #result;
        }

        #[automatically_derived]
        impl ::nestling::Pattern for #ident {
            type Kind = ::nestling::#kind;
            const PATTERNS: &'static [&'static str] = &[#(#patterns),*];
            #internal
            fn known_route() -> ::core::option::Option<&'static ::std::sync::OnceLock<::nestling::Route>> {
                static ROUTE: ::std::sync::OnceLock<::nestling::Route> = ::std::sync::OnceLock::new();
                ::core::option::Option::Some(&ROUTE)
            }
            #validate
        }
    }
}

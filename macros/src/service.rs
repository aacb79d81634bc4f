//! `#[derive(Service)]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Result};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{DeriveInput, Error, Ident, LitStr, Token, Type, parenthesized};

const EXAMPLE: &str = "#[service(\"inventory\", messages(CheckInventory), events(OrderCreated))]";

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attr = ServiceAttr::of(input)?;
    let ident = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let name = &attr.name;
    let messages = attr.messages.iter().flatten().map(|ty| declare("message", ty));
    let streams = attr.streams.iter().flatten().map(|ty| declare("stream", ty));
    let events = attr.events.iter().flatten().map(|ty| declare("event", ty));
    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics ::nestling::__private::actix::Actor for #ident #type_generics #where_clause {
            type Context = ::nestling::__private::actix::Context<Self>;
        }

        #[automatically_derived]
        impl #impl_generics ::nestling::__private::actix::Supervised for #ident #type_generics #where_clause {}

        #[automatically_derived]
        impl #impl_generics ::nestling::Service for #ident #type_generics #where_clause {
            const NAME: &'static str = #name;

            fn patterns(patterns: &mut ::nestling::Patterns<Self>) {
                let _ = &patterns;
                #(#messages)*
                #(#streams)*
                #(#events)*
            }
        }
    })
}

/// One declaration, located at the listed type so that a missing `Handler` is reported there.
fn declare(method: &str, ty: &Type) -> TokenStream {
    let span = Span::call_site().located_at(ty.span());
    let method = Ident::new(method, span);
    quote_spanned!(span=> let _ = patterns.#method::<#ty>();)
}

struct ServiceAttr {
    name: LitStr,
    messages: Option<Vec<Type>>,
    streams: Option<Vec<Type>>,
    events: Option<Vec<Type>>,
}

impl ServiceAttr {
    fn of(input: &DeriveInput) -> Result<Self> {
        let mut found = input.attrs.iter().filter(|attr| attr.path().is_ident("service"));
        let Some(attr) = found.next() else {
            return Err(Error::new(input.ident.span(), format!("the service has no name: add `{EXAMPLE}`")));
        };
        if let Some(second) = found.next() {
            return Err(Error::new(
                second.path().span(),
                "one `#[service]` is enough: it lists all patterns",
            ));
        }
        attr.parse_args()
    }
}

impl Parse for ServiceAttr {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if !input.peek(LitStr) {
            return Err(input.error(format!("the service's name comes first, as in `{EXAMPLE}`")));
        }
        let name: LitStr = input.parse()?;
        check_name(&name)?;
        let (mut messages, mut streams, mut events) = (None, None, None);
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let key: Ident = input.parse()?;
            let list = match key.to_string().as_str() {
                "messages" => &mut messages,
                "streams" => &mut streams,
                "events" => &mut events,
                other => {
                    let message = format!(
                        "`{other}` is no key of `#[service]`: the keys are `messages`, `streams` and `events`"
                    );
                    return Err(Error::new(key.span(), message));
                }
            };
            if list.is_some() {
                return Err(Error::new(
                    key.span(),
                    format!("`{key}` is here already: list all of them in one"),
                ));
            }
            *list = Some(parse_types(input)?);
        }
        let attr = Self { name, messages, streams, events };
        attr.check_repeated()?;
        Ok(attr)
    }
}

impl ServiceAttr {
    fn check_repeated(&self) -> Result<()> {
        let mut known = Vec::new();
        for ty in self.messages.iter().chain(&self.streams).chain(&self.events).flatten() {
            let text = ty.to_token_stream().to_string();
            if known.contains(&text) {
                return Err(Error::new(ty.span(), "this pattern is listed already"));
            }
            known.push(text);
        }
        Ok(())
    }
}

fn parse_types(input: ParseStream<'_>) -> Result<Vec<Type>> {
    let content;
    parenthesized!(content in input);
    Ok(Punctuated::<Type, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

fn check_name(name: &LitStr) -> Result<()> {
    let text = name.value();
    if text.is_empty() {
        return Err(Error::new(name.span(), "the service's name is empty"));
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-');
    match text.chars().find(|letter| !allowed(*letter)) {
        Some(letter) => {
            let message =
                format!("a service's name holds ASCII letters, digits, `_`, `.` and `-`, not {letter:?}");
            Err(Error::new(name.span(), message))
        }
        None => Ok(()),
    }
}

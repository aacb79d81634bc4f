//! `#[message_pattern(..)]`, `#[stream_pattern(..)]` and `#[event_pattern(..)]`.

use proc_macro2::Span;
use quote::ToTokens;
use serde_json::{Value, json};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser, Result};
use syn::spanned::Spanned;
use syn::{Attribute, DeriveInput, Error, Ident, LitStr, Path, Token, Type};

use crate::{json, topic};

/// Which derive reads the attribute.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Message,
    Stream,
    Event,
}

impl Kind {
    fn attribute(self) -> &'static str {
        match self {
            Self::Message => "message_pattern",
            Self::Stream => "stream_pattern",
            Self::Event => "event_pattern",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Message => "#[message_pattern(\"orders.get\", response = Order, error = OrderError)]",
            Self::Stream => "#[stream_pattern(\"prices\", item = Price, error = PriceError)]",
            Self::Event => "#[event_pattern(\"order.created\")]",
        }
    }

    fn keys(self) -> &'static str {
        match self {
            Self::Message => "`cmd`, `alias`, `response`, `error`, `validate` and `internal`",
            Self::Stream => "`cmd`, `alias`, `item`, `error`, `validate` and `internal`",
            Self::Event => "`cmd`, `alias`, `validate` and `internal`",
        }
    }
}

/// What the attribute says.
pub(crate) struct PatternAttr {
    /// Where the attribute is, for errors about what it means.
    pub(crate) span: Span,
    /// JSON texts, the one that is sent first.
    pub(crate) patterns: Vec<String>,
    /// A message's response, or a stream's item.
    pub(crate) response: Option<Type>,
    pub(crate) error: Option<Type>,
    pub(crate) validate: Option<Path>,
    pub(crate) internal: bool,
}

impl PatternAttr {
    /// Reads the one attribute of `kind` that the derived type has.
    pub(crate) fn of(input: &DeriveInput, kind: Kind) -> Result<Self> {
        let name = kind.attribute();
        let mut found = input.attrs.iter().filter(|attr| attr.path().is_ident(name));
        let Some(attr) = found.next() else {
            let message = format!("the pattern is missing: add `{}`", kind.example());
            return Err(Error::new(input.ident.span(), message));
        };
        if let Some(second) = found.next() {
            return Err(Error::new(
                second.path().span(),
                format!("one `#[{name}]` is enough: further patterns are `alias = ..`"),
            ));
        }
        if let Some(first) = input.generics.params.first() {
            return Err(Error::new(first.span(), "a pattern names one type, so the type cannot be generic"));
        }
        Self::parse(attr, kind)
    }

    fn parse(attr: &Attribute, kind: Kind) -> Result<Self> {
        let mut draft = Draft::default();
        let list = attr.meta.require_list()?;
        (|input: ParseStream<'_>| draft.parse(input, kind)).parse2(list.tokens.clone())?;
        draft.finish(attr.path().span(), kind)
    }
}

#[derive(Default)]
struct Draft {
    seen: Vec<Ident>,
    pattern: Option<(Value, Span)>,
    aliases: Vec<(Value, Span)>,
    response: Option<Type>,
    error: Option<Type>,
    validate: Option<Path>,
    internal: bool,
    reserved: bool,
}

impl Draft {
    fn parse(&mut self, input: ParseStream<'_>, kind: Kind) -> Result<()> {
        while !input.is_empty() {
            if is_word(input) {
                self.parse_key(input, kind)?;
            } else {
                let found = parse_pattern(input)?;
                self.set_pattern(found)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    fn parse_key(&mut self, input: ParseStream<'_>, kind: Kind) -> Result<()> {
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        if name != "alias" && self.seen.contains(&key) {
            return Err(Error::new(key.span(), format!("`{name}` is here already")));
        }
        match (name.as_str(), kind) {
            ("cmd", _) => {
                input.parse::<Token![=]>()?;
                let text: LitStr = input.parse()?;
                if text.value().is_empty() {
                    return Err(Error::new(
                        text.span(),
                        "`cmd` is empty: give it a name, as in \"check_inventory\"",
                    ));
                }
                self.set_pattern((json!({ "cmd": text.value() }), text.span()))?;
            }
            ("alias", _) => {
                input.parse::<Token![=]>()?;
                self.aliases.push(parse_pattern(input)?);
            }
            ("response", Kind::Message) | ("item", Kind::Stream) => {
                self.response = Some(parse_value(input)?);
            }
            ("error", Kind::Message | Kind::Stream) => self.error = Some(parse_value(input)?),
            ("validate", _) => self.validate = Some(parse_value(input)?),
            ("internal", _) => self.internal = true,
            // Not in the list of keys: it is for the node's own events.
            ("reserved", Kind::Event) => self.reserved = true,
            (_, kind) => return Err(Error::new(key.span(), unknown_key(&name, kind))),
        }
        self.seen.push(key);
        Ok(())
    }

    fn set_pattern(&mut self, (pattern, span): (Value, Span)) -> Result<()> {
        if self.pattern.is_some() {
            return Err(Error::new(span, "there is a pattern already: a further one is an `alias = ..`"));
        }
        self.pattern = Some((pattern, span));
        Ok(())
    }

    fn finish(self, span: Span, kind: Kind) -> Result<PatternAttr> {
        let Some(pattern) = self.pattern else {
            let message = format!("the pattern is missing: write it first, as in `{}`", kind.example());
            return Err(Error::new(span, message));
        };
        let mut known = Vec::new();
        let mut patterns = Vec::new();
        for (pattern, at) in std::iter::once(&pattern).chain(&self.aliases) {
            topic::check(pattern, self.reserved).map_err(|message| Error::new(*at, message))?;
            let normal = topic::normal(pattern);
            if known.contains(&normal) {
                return Err(Error::new(*at, "this pattern is here already"));
            }
            known.push(normal);
            patterns.push(pattern.to_string());
        }
        if kind == Kind::Stream && self.response.is_none() {
            let message = "`item` is missing: name the type that the stream is made of, as in `item = Price`";
            return Err(Error::new(span, message));
        }
        if kind != Kind::Event && self.error.is_none() {
            let message = "`error` is missing: name the type that the handler fails with, as in `error = OrderError`; \
                           it is an `std::error::Error` that serde can read and write";
            return Err(Error::new(span, message));
        }
        let Self { response, error, validate, internal, .. } = self;
        Ok(PatternAttr { span, patterns, response, error, validate, internal })
    }
}

/// Whether a key comes next; `true`, `false` and `null` are JSON.
fn is_word(input: ParseStream<'_>) -> bool {
    let word = input.fork().call(Ident::parse_any);
    word.is_ok_and(|word| !["true", "false", "null"].contains(&word.to_string().as_str()))
}

fn parse_pattern(input: ParseStream<'_>) -> Result<(Value, Span)> {
    // The span of what is read, not of the tokens before it: a group's span covers all of it.
    let span =
        input.cursor().token_stream().into_iter().next().map_or_else(|| input.span(), |first| first.span());
    Ok((json::parse(input)?, span))
}

fn parse_value<T: syn::parse::Parse + ToTokens>(input: ParseStream<'_>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn unknown_key(name: &str, kind: Kind) -> String {
    match (name, kind) {
        ("response", Kind::Event) => {
            "an event has no response: derive `MessagePattern` if its sender waits for one".into()
        }
        ("response", Kind::Stream) => {
            "a stream has many items and no one response: name their type by `item = ..`".into()
        }
        ("item", _) => "only a stream has items: derive `StreamPattern`".into(),
        ("error", Kind::Event) => "an event's handler fails with `EventError`: leave `error` out".into(),
        _ => format!("`{name}` is no key of `#[{}]`: the keys are {}", kind.attribute(), kind.keys()),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::parse_quote;

    use super::{Kind, PatternAttr};

    fn event(arguments: &proc_macro2::TokenStream) -> Result<Vec<String>, String> {
        let input = parse_quote!(
            #[event_pattern(#arguments)]
            struct Event;
        );
        PatternAttr::of(&input, Kind::Event).map(|attr| attr.patterns).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_of_a_pattern_becomes_json() {
        for (arguments, json) in [
            (quote!("order.created"), r#""order.created""#),
            (quote!(cmd = "sum"), r#"{"cmd":"sum"}"#),
            (quote!({ "cmd": "sum", "v": [2, -1.5, true, null] }), r#"{"cmd":"sum","v":[2,-1.5,true,null]}"#),
            (quote!(-42), "-42"),
            (quote!(["a", "b",]), r#"["a","b"]"#),
        ] {
            assert_eq!(event(&arguments), Ok(vec![json.to_owned()]), "{arguments}");
        }
    }

    #[test]
    fn patterns_with_one_route_are_the_same_pattern() {
        for arguments in [
            quote!("a", alias = "a"),
            quote!(42, alias = 42.0),
            quote!({ "a": 1, "b": 2 }, alias = { "b": 2, "a": 1e0 }),
            quote!(["x"], alias = { "0": "x" }),
            quote!(cmd = "x", alias = { "cmd": "x" }),
        ] {
            assert_eq!(event(&arguments), Err("this pattern is here already".to_owned()), "{arguments}");
        }
        assert_eq!(event(&quote!("a", alias = "b", alias = 1)).map(|patterns| patterns.len()), Ok(3));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for arguments in [
            quote!(0x10),
            quote!(1_000),
            quote!(42u8),
            quote!('c'),
            quote!(-"x"),
            quote!({ cmd: "x" }),
            quote!({ "cmd" "x" }),
            quote!({ "cmd": Sum }),
            quote!({ "cmd": "a", "cmd": "b" }),
            quote!(["a" "b"]),
        ] {
            assert!(event(&arguments).is_err(), "{arguments}");
        }
    }
}

//! JSON literals inside attributes.

use serde_json::{Number, Value};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Result};
use syn::{Error, Ident, Lit, LitBool, LitFloat, LitInt, LitStr, Token, braced, bracketed, token};

const EXPECTED: &str = "expected a JSON value: a string, a number, an object or an array";

/// Reads one JSON value. Errors point at the token that is wrong.
pub(crate) fn parse(input: ParseStream<'_>) -> Result<Value> {
    if input.peek(LitStr) {
        Ok(Value::String(input.parse::<LitStr>()?.value()))
    } else if input.peek(token::Brace) {
        object(input)
    } else if input.peek(token::Bracket) {
        array(input)
    } else if input.peek(Token![-]) || input.peek(LitInt) || input.peek(LitFloat) {
        number(input)
    } else if input.peek(LitBool) {
        Ok(Value::Bool(input.parse::<LitBool>()?.value))
    } else if input.peek(Ident::peek_any) {
        let word = input.call(Ident::parse_any)?;
        if word == "null" { Ok(Value::Null) } else { Err(Error::new(word.span(), EXPECTED)) }
    } else if input.peek(Lit) {
        Err(Error::new(input.parse::<Lit>()?.span(), EXPECTED))
    } else {
        Err(input.error(EXPECTED))
    }
}

fn object(input: ParseStream<'_>) -> Result<Value> {
    let content;
    braced!(content in input);
    let mut entries = serde_json::Map::new();
    while !content.is_empty() {
        if !content.peek(LitStr) {
            return Err(content.error("the keys of a JSON object are strings in quotes"));
        }
        let key: LitStr = content.parse()?;
        if !content.peek(Token![:]) {
            return Err(Error::new(key.span(), "a JSON key is followed by `:` and its value"));
        }
        content.parse::<Token![:]>()?;
        if entries.insert(key.value(), parse(&content)?).is_some() {
            return Err(Error::new(key.span(), "the object has this key already"));
        }
        separator(&content)?;
    }
    Ok(Value::Object(entries))
}

fn array(input: ParseStream<'_>) -> Result<Value> {
    let content;
    bracketed!(content in input);
    let mut items = Vec::new();
    while !content.is_empty() {
        items.push(parse(&content)?);
        separator(&content)?;
    }
    Ok(Value::Array(items))
}

fn separator(content: ParseStream<'_>) -> Result<()> {
    if content.is_empty() {
        Ok(())
    } else if content.peek(Token![,]) {
        content.parse::<Token![,]>().map(drop)
    } else {
        Err(content.error("expected `,` between two JSON values"))
    }
}

fn number(input: ParseStream<'_>) -> Result<Value> {
    let minus = if input.parse::<Option<Token![-]>>()?.is_some() { "-" } else { "" };
    if !input.peek(LitInt) && !input.peek(LitFloat) {
        return Err(input.error("expected a number after `-`"));
    }
    let literal: Lit = input.parse()?;
    let text = match &literal {
        Lit::Int(int) => int.token().to_string(),
        Lit::Float(float) => float.token().to_string(),
        _ => String::new(),
    };
    let number: std::result::Result<Number, _> = format!("{minus}{text}").parse();
    number.map(Value::Number).map_err(|_| {
        Error::new(literal.span(), "not a JSON number: write it in decimal, without `_` and without a type")
    })
}

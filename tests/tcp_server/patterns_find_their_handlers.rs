//! Patterns of every kind reach their handlers, in each of the forms that NestJS takes for the same.

use nestling::Tcp;
use nestling::prelude::*;

use crate::support::{Never, Peer, node};

macro_rules! patterns {
    ($($name:ident: $pattern:tt,)+) => {
        $(
            #[derive(Debug, Serialize, Deserialize, MessagePattern)]
            #[message_pattern($pattern, response = String, error = Never)]
            struct $name;

            impl Handler<$name> for Patterned {
                type Result = Result<String, Never>;
                fn handle(&mut self, _: $name, _: &mut Context<Self>) -> Self::Result {
                    Ok(stringify!($name).to_owned())
                }
            }
        )+

        #[derive(Service)]
        #[service("patterned", messages($($name),+))]
        struct Patterned;
    };
}

patterns! {
    Text: "order.create",
    Number: 42,
    Array: ["q1", "q2"],
    Nested: {"b": 1, "a": "x", "c": {"z": 1, "y": true, "n": null}},
}

#[actix::test]
async fn in_every_form() {
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Patterned).start().await.unwrap();
    let mut peer = Peer::to(&node).await;
    for (pattern, name) in [
        (r#""order.create""#, "Text"),
        (r#""\u006frder.create""#, "Text"),
        (r#""\"order.create\"""#, "Text"),
        ("42", "Number"),
        ("42.0", "Number"),
        (r#""42""#, "Number"),
        (r#""42.0""#, "Number"),
        (r#""4.2e1""#, "Number"),
        (r#"["q1","q2"]"#, "Array"),
        (r#"[ "q1" , "q2" ]"#, "Array"),
        (r#""[\"q1\",\"q2\"]""#, "Array"),
        (r#"{"1":"q2","0":"q1"}"#, "Array"),
        (r#"{"a":"x","b":1,"c":{"n":null,"y":true,"z":1}}"#, "Nested"),
        (r#"{"c":{"z":1,"y":true,"n":null},"b":1,"a":"x"}"#, "Nested"),
        (r#""{\"b\":1, \"a\":\"x\", \"c\":{\"z\":1,\"y\":true,\"n\":null}}""#, "Nested"),
    ] {
        let reply = peer.ask_json(&format!(r#"{{"pattern":{pattern},"data":null,"id":1}}"#)).await;
        assert_eq!(reply["response"], name, "{pattern}: {reply}");
    }
    for pattern in
        [r#""order.Create""#, "43", r#"["q2","q1"]"#, "null", "true", r#""""#, "{}", r#"{"a":"x","b":1}"#]
    {
        let reply = peer.ask_json(&format!(r#"{{"pattern":{pattern},"data":null,"id":1}}"#)).await;
        assert_eq!(
            reply["err"], "There is no matching message handler defined in the remote service.",
            "{pattern}: {reply}"
        );
    }
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("inner", response = (), error = Never, internal)]
struct Inner;

#[derive(Service)]
#[service("inner", messages(Inner))]
struct Internal;

impl Handler<Inner> for Internal {
    type Result = Result<(), Never>;
    fn handle(&mut self, _: Inner, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}

#[actix::test]
async fn internal_ones_have_no_handler() {
    let (builder, _) = node(Tcp::port(0));
    let node = builder.service(Internal).start().await.unwrap();
    let mut peer = Peer::to(&node).await;
    for pattern in [r#""inner""#, r#""\"inner\"""#] {
        let reply = peer.ask_json(&format!(r#"{{"pattern":{pattern},"data":null,"id":1}}"#)).await;
        assert_eq!(reply["err"], "There is no matching message handler defined in the remote service.");
    }
    node.client().send(Inner).await.unwrap();
}

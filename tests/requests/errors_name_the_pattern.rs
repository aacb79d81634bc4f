//! Why a request has no response: each in-process error, with the pattern and the service that it names.

use nestling::prelude::*;

use crate::support::Refused;

#[derive(Debug, Default, Serialize, Deserialize, MessagePattern)]
#[message_pattern("do", response = u32, error = Refused, validate = check)]
struct Do {
    what: String,
}

fn check(message: &Do) -> Result<(), String> {
    if message.what.is_empty() { Err("`what` is empty".to_owned()) } else { Ok(()) }
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "nobody", response = u32, error = Refused)]
struct Nobody;

struct Doer;
impl Actor for Doer {
    type Context = Context<Self>;
}
impl Supervised for Doer {}
impl Service for Doer {
    const NAME: &'static str = "doer";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<Do>();
    }
}
impl Handler<Do> for Doer {
    type Result = actix::ActorResponse<Self, Result<u32, Refused>>;
    fn handle(&mut self, message: Do, ctx: &mut Context<Self>) -> Self::Result {
        match message.what.as_str() {
            "refuse" => actix::ActorResponse::reply(Err(Refused(7))),
            "panic" => panic!("seven is unlucky"),
            "panic later" => {
                let late = async { panic!("late and unlucky") };
                actix::ActorResponse::r#async(late.into_actor(self))
            }
            "drop" => {
                // What actix does to a response in its hands when its actor's context is cleared.
                let (_, never) = tokio::sync::oneshot::channel::<Result<u32, Refused>>();
                let response = async move { never.await.unwrap() }.into_actor(self);
                ctx.terminate();
                actix::ActorResponse::r#async(response)
            }
            _ => actix::ActorResponse::reply(Ok(1)),
        }
    }
}

async fn error(client: &Client, what: &str) -> RequestError<Refused> {
    client.send(Do { what: what.to_owned() }).await.unwrap_err()
}

#[actix::test]
async fn each_variant_that_a_handler_can_cause() {
    let node = Node::builder("test").service(Doer).start().await.unwrap();
    let client = node.client();
    let (pattern, service) = (String::from("do"), String::from("doer"));
    assert_eq!(error(&client, "refuse").await, RequestError::Handler(Refused(7)));
    assert_eq!(error(&client, "refuse").await.to_string(), "7 is refused");
    let panicked = RequestError::Panicked {
        pattern: pattern.clone(),
        service: service.clone(),
        message: "seven is unlucky".to_owned(),
    };
    assert_eq!(error(&client, "panic").await, panicked);
    assert_eq!(panicked.to_string(), "the handler of `do` in service `doer` panicked: seven is unlucky");
    assert_eq!(error(&client, "drop").await, RequestError::Unanswered { pattern, service });
    assert_eq!(client.send(Do { what: "go on".into() }).await, Ok(1), "the service survives all of it");
}

#[actix::test]
async fn a_panic_that_only_actix_saw_is_an_unanswered_request() {
    let node = Node::builder("test").service(Doer).start().await.unwrap();
    let error = error(&node.client(), "panic later").await;
    let (pattern, service) = (String::from("do"), String::from("doer"));
    assert_eq!(error, RequestError::Unanswered { pattern, service });
}

#[actix::test]
async fn no_handler() {
    let node = Node::builder("test").service(Doer).start().await.unwrap();
    let error = node.client().send(Nobody).await.unwrap_err();
    assert_eq!(error, RequestError::NoHandler { pattern: r#"{"cmd":"nobody"}"#.to_owned() });
    assert_eq!(
        error.to_string(),
        r#"no service handles `{"cmd":"nobody"}`: add one that lists it in `Service::patterns`"#
    );
}

#[actix::test]
async fn what_comes_from_outside_is_validated_and_what_is_typed_here_is_not() {
    let node = Node::builder("test").service(Doer).start().await.unwrap();
    let client = node.client();
    let pattern = || String::from("do");
    let message = "`what` is empty".to_owned();
    let error = client.send_json("do", serde_json::json!({ "what": "" })).await.unwrap_err();
    assert_eq!(error, RequestError::Invalid { pattern: pattern(), message });
    assert_eq!(error.to_string(), "`do` was refused: `what` is empty");
    assert_eq!(client.send(Do::default()).await, Ok(1));
    let error = client.send_json("do", serde_json::json!({ "what": 1 })).await.unwrap_err();
    let RequestError::Decode { pattern: named, message } = error else { panic!("{error:?}") };
    assert_eq!((named, message.contains("what: invalid type: integer `1`")), (pattern(), true), "{message}");
}

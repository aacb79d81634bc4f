//! A NATS server, and services behind it that are written by hand.

use async_nats::{Client, Message};
use futures::StreamExt;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::nats_server::NatsServer;

/// A client of the server.
pub(crate) async fn client(server: &NatsServer) -> Client {
    // Of a flood that is read more slowly than it comes, nothing is to be dropped.
    let options = async_nats::ConnectOptions::new().subscription_capacity(1 << 24);
    options.connect(server.url()).await.expect("the server takes connections")
}

/// Answers each request on `subject` with these, in each of which `$ID` is the request's id. What came is told.
pub(crate) async fn answering(
    server: &NatsServer,
    subject: &str,
    replies: &'static [&'static str],
) -> UnboundedReceiver<Message> {
    let client = client(server).await;
    let mut requests = client.subscribe(subject.to_owned()).await.expect("it subscribes");
    settled(&client).await;
    let (told, came) = unbounded_channel();
    actix::spawn(async move {
        while let Some(request) = requests.next().await {
            let id = body(&request)["id"].to_string();
            if let Some(inbox) = &request.reply {
                for reply in replies {
                    let reply = reply.replace("$ID", &id).into();
                    client.publish(inbox.clone(), reply).await.expect("it replies");
                }
            }
            let _ = told.send(request);
        }
    });
    came
}

/// Waits until the server has done what this client asked for.
pub(crate) async fn settled(client: &Client) {
    let inbox = client.new_inbox();
    let mut back = client.subscribe(inbox.clone()).await.expect("it subscribes");
    client.publish(inbox, "".into()).await.expect("it publishes");
    back.next().await.expect("it comes back");
}

/// The body of a message.
pub(crate) fn body(message: &Message) -> Value {
    serde_json::from_slice(&message.payload).expect("a body is JSON")
}

pub(crate) fn text(message: &Message) -> &str {
    std::str::from_utf8(&message.payload).expect("UTF-8")
}

pub(crate) fn header<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    Some(message.headers.as_ref()?.get(name)?.as_str())
}

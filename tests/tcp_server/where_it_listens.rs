//! A node listens on this machine alone unless told otherwise, on as many addresses as it is told, and says what is in
//! its way.

use std::net::SocketAddr;

use nestling::Tcp;
use nestling::prelude::*;
use tracing::Level;

use crate::logs::Logs;
use crate::support::{Desk, Peer};

fn any_address() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 0))
}

#[actix::test]
async fn an_open_address_must_be_asked_for() {
    let error = Node::builder("shop").listen(Tcp::address(any_address())).start().await.unwrap_err();
    assert!(matches!(&error, StartError::Listen { address, .. } if *address == any_address()), "{error}");
    assert_eq!(
        error.to_string(),
        "node `shop` cannot listen on 0.0.0.0:0: 0.0.0.0:0 can be reached from other machines: say so by `.public()`, \
         or listen on 127.0.0.1"
    );
}

#[actix::test]
async fn and_warns_without_tls() {
    for (tcp, warns) in [
        (Tcp::port(0), false),
        (Tcp::port(0).public(), true),
        (Tcp::address(any_address()).public(), true),
        (Tcp::address(SocketAddr::from(([127, 0, 0, 2], 0))), false),
    ] {
        let logs = Logs::default();
        let _collecting = logs.collect();
        let node = Node::builder("shop").service(Desk::default()).listen(tcp).start().await.unwrap();
        let warned = logs.at(Level::WARN).iter().any(|line| line.contains("not encrypted"));
        assert_eq!(warned, warns, "{:?}", node.listening());
        let address = node.listening()[0];
        assert_eq!(address.ip().is_unspecified(), warns);
        if !warns {
            Peer::connect(address).await.expect_well().await;
        }
    }
}

#[actix::test]
async fn a_port_that_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Node::builder("shop").listen(Tcp::port(port)).start().await.unwrap_err();
    assert!(matches!(&error, StartError::Listen { address, .. } if address.port() == port), "{error}");
    drop(taken);
    Node::builder("shop").listen(Tcp::port(port)).start().await.unwrap();
}

#[actix::test]
async fn two_at_once_with_limits_of_their_own() {
    let builder = Node::builder("shop").service(Desk::default());
    let node = builder.listen(Tcp::port(0)).listen(Tcp::port(0).max_frame(60)).start().await.unwrap();
    let [one, other] = node.listening()[..] else { panic!("{:?}", node.listening()) };
    let (mut one, mut other) = (Peer::connect(one).await, Peer::connect(other).await);
    one.expect_well().await;
    other.expect_well().await;
    let long = r#"{"pattern":"sum","data":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],"id":1}"#;
    assert_eq!(one.ask_json(long).await["response"], 136);
    other.send(long).await;
    other.expect_end().await;
    node.shutdown(Duration::from_secs(1)).await;
    one.expect_end().await;
}

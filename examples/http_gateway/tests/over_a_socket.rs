//! Every answer of the service, as a client on the other side of a real socket sees it.

mod support;

use std::time::Duration;

use actix_web::rt::time::timeout;
use http_gateway::Orders;
use nestling::Node;
use support::{Ask, Gateway, Stubborn};

#[actix_web::test]
async fn an_order_is_created() {
    let node = Node::builder("test").service(Orders::new([("lp", 3)])).start().await.unwrap();
    let gateway = Gateway::serve(node.client());
    let answer = gateway.ask(Ask::order("lp", 2)).await;
    assert_eq!(
        (answer.status, answer.json()["order_id"].as_u64(), answer.json()["left"].as_u64()),
        (201, Some(1), Some(1))
    );
}

#[actix_web::test]
async fn the_services_own_error_is_a_bad_request() {
    let node = Node::builder("test").service(Orders::new([("lp", 3)])).start().await.unwrap();
    let gateway = Gateway::serve(node.client());
    let answer = gateway.ask(Ask::order("lp", 4)).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("out_of_stock")));
    let answer = gateway.ask(Ask::order("8-track", 1)).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("no_such_product")));
}

#[actix_web::test]
async fn a_body_that_is_no_order_is_a_bad_request() {
    let node = Node::builder("test").service(Orders::new([])).start().await.unwrap();
    let gateway = Gateway::serve(node.client());
    for body in ["", "{", "[]", r#"{"product":"lp"}"#, r#"{"product":"lp","quantity":-1}"#] {
        let answer = gateway.ask(Ask::body(body).header("x-correlation-id: order-17")).await;
        assert_eq!((answer.status, answer.header("x-correlation-id")), (400, Some("order-17")), "{body}");
        assert!(answer.json()["error"].is_string(), "{}", answer.body);
    }
}

#[actix_web::test]
async fn a_panic_is_an_internal_error_and_the_next_request_is_served() {
    let node = Node::builder("test").service(Stubborn).start().await.unwrap();
    let gateway = Gateway::serve(node.client());
    let answer = gateway.ask(Ask::order("panic", 1)).await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("panicked"), "{}", answer.body);
    assert_eq!(gateway.ask(Ask::order("lp", 1)).await.status, 201);
}

#[actix_web::test]
async fn no_answer_in_time_is_a_gateway_timeout() {
    let node = Node::builder("test").service(Stubborn);
    let node = node.request_timeout(Duration::from_millis(120)).start().await.unwrap();
    let gateway = Gateway::serve(node.client());
    assert_eq!(gateway.ask(Ask::order("never", 1)).await.status, 504);
}

#[actix_web::test]
async fn a_full_request_lane_is_unavailable() {
    let node = Node::builder("test").service(Stubborn).start().await.unwrap();
    let gateway = Gateway::serve(node.client());
    // One pauses the actor, one fills the lane: the third has no room.
    let _first = gateway.begin(Ask::order("pause", 1)).await;
    support::until(|| node.stats().services[0].requests.in_flight == 1).await;
    let _second = gateway.begin(Ask::order("lp", 1)).await;
    support::until(|| node.stats().services[0].requests.queued == 1).await;
    let answer = gateway.ask(Ask::order("lp", 1)).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("try again later"), "{}", answer.body);
}

#[actix_web::test]
async fn a_node_that_has_shut_down_is_unavailable() {
    let node = Node::builder("test").service(Orders::new([("lp", 3)])).start().await.unwrap();
    let gateway = Gateway::serve(node.client());
    node.shutdown(Duration::from_secs(5)).await;
    let answer = gateway.ask(Ask::order("lp", 1)).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("shut down"), "{}", answer.body);
}

#[actix_web::test]
async fn a_correlation_id_goes_to_the_service_and_back() {
    let node = Node::builder("test").service(Stubborn).start().await.unwrap();
    let gateway = Gateway::serve(node.client());
    // `Stubborn` puts the correlation id that it saw into its error.
    let answer = gateway.ask(Ask::order("correlation", 1).header("x-correlation-id: order-17")).await;
    assert_eq!(answer.header("x-correlation-id"), Some("order-17"));
    assert_eq!(answer.json()["product"].as_str(), Some("order-17"));
    let answer = gateway.ask(Ask::order("correlation", 1)).await;
    let made = answer.header("x-correlation-id").expect("one is made where none was given").to_owned();
    assert_eq!(answer.json()["product"].as_str(), Some(made.as_str()));
}

#[cfg(unix)]
#[actix_web::test]
async fn the_program_serves_until_ctrl_c() {
    let (mut program, gateway) = Gateway::start_program().await;
    assert_eq!(gateway.ask(Ask::order("lp", 1)).await.status, 201);
    let pid = program.child.id().expect("it runs").to_string();
    let sent = tokio::process::Command::new("kill").args(["-INT", &pid]).status().await.unwrap();
    assert!(sent.success());
    let ended = timeout(Duration::from_secs(20), program.child.wait()).await.expect("it ends").unwrap();
    assert!(ended.success(), "{ended}");
    assert_eq!(program.next_line().await.as_deref(), Some("drained: true"));
}

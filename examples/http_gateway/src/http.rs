//! HTTP on one side, messages on the other: which answer becomes which status.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use nestling::{Client, Id, RequestError};
use serde::Serialize;

use crate::orders::{OrderError, OrderPlaced, PlaceOrder};

/// Goes in with a request, and out with its response.
pub const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// The routes of the application. Each worker of actix-web gets a clone of the client, which works from any thread.
pub fn routes(client: Client) -> impl FnOnce(&mut web::ServiceConfig) {
    move |app| {
        app.app_data(web::Data::new(client)).route("/orders", web::post().to(place_order));
    }
}

async fn place_order(
    request: HttpRequest,
    order: Result<web::Json<PlaceOrder>, actix_web::Error>,
    client: web::Data<Client>,
) -> HttpResponse {
    let given = request.headers().get(X_CORRELATION_ID).and_then(|value| value.to_str().ok());
    let correlation = given.map_or_else(Id::new, Id::from);
    let client = client.correlation(correlation.clone());
    let mut response = match order {
        Ok(order) => answer(client.send(order.into_inner()).await),
        Err(error) => problem(error.as_response_error().status_code(), &error),
    };
    // What came as a header's value goes as one.
    if let Ok(value) = HeaderValue::from_str(&correlation.to_string()) {
        response.headers_mut().insert(X_CORRELATION_ID, value);
    }
    response
}

fn answer(answer: Result<OrderPlaced, RequestError<OrderError>>) -> HttpResponse {
    match answer {
        Ok(placed) => HttpResponse::Created().json(placed),
        Err(RequestError::Handler(error)) => HttpResponse::BadRequest().json(error),
        Err(error) => problem(status(&error), &error),
    }
}

fn problem(status: StatusCode, error: &dyn std::fmt::Display) -> HttpResponse {
    HttpResponse::build(status).json(Problem { error: error.to_string() })
}

#[derive(Serialize)]
struct Problem {
    error: String,
}

fn status(error: &RequestError<OrderError>) -> StatusCode {
    match error {
        RequestError::Handler(_) | RequestError::Invalid { .. } | RequestError::Decode { .. } => {
            StatusCode::BAD_REQUEST
        }
        RequestError::Unavailable { .. }
        | RequestError::Overloaded { .. }
        | RequestError::Transport { .. } => StatusCode::SERVICE_UNAVAILABLE,
        RequestError::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
        // A panic, a payload that cannot be written, no handler at all: the fault is on this side.
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

//! HTTP on one side, messages on the other: which answer becomes which status.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use nestling::{Client, Id, RequestError};
use serde::Serialize;

use crate::orders::{OrderError, PlaceOrder};

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
    order: web::Json<PlaceOrder>,
    client: web::Data<Client>,
) -> HttpResponse {
    let given = request.headers().get(X_CORRELATION_ID).and_then(|value| value.to_str().ok());
    let correlation = given.map_or_else(Id::new, Id::from);
    let mut response = match client.correlation(correlation.clone()).send(order.into_inner()).await {
        Ok(placed) => HttpResponse::Created().json(placed),
        Err(RequestError::Handler(error)) => HttpResponse::BadRequest().json(error),
        Err(error) => HttpResponse::build(status(&error)).json(Problem { error: error.to_string() }),
    };
    // What came as a header's value goes as one.
    if let Ok(value) = HeaderValue::from_str(&correlation.to_string()) {
        response.headers_mut().insert(X_CORRELATION_ID, value);
    }
    response
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
        RequestError::Unavailable { .. } | RequestError::Overloaded { .. } | RequestError::Transport { .. } => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        RequestError::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
        // A panic, a handler that dropped the request, no handler at all: the fault is this side's.
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

//! Whatever a client may ask of the reference service, it gets what NestJS would have answered.

use crate::nest::Nest;
use crate::reference::reference;
use crate::rows::Row;

async fn nestjs_calls_rust(nest: Nest) {
    let (_service, address) = reference().await;
    let rows = Row::all(nest);
    let outcomes = nest.client(&address).ask(rows.iter().map(Row::command)).await;
    for (row, outcome) in rows.iter().zip(&outcomes) {
        assert_eq!(*outcome, row.outcome(), "{row:?}");
    }
    assert_eq!(outcomes.len(), rows.len());
}

#[tokio::test]
async fn to_nestjs_12_by_rust() {
    nestjs_calls_rust(Nest::V12).await;
}

#[tokio::test]
async fn to_nestjs_11_by_rust() {
    nestjs_calls_rust(Nest::V11).await;
}

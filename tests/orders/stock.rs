//! A stock that runs out: orders are rejected by reason, and no CD is sold twice.

use crate::shop::Shop;

#[test]
fn every_order_is_accepted_or_rejected_for_a_reason() {
    let run = Shop::new().run(&[]);
    run.expect(0);
    let rejected = run.count("orders rejected");
    assert!(rejected > 0);
    assert_eq!(run.count("orders accepted") + rejected, 6919);
    let reasons: u64 = ["sold out", "not enough in stock", "taken by a faster order"]
        .iter()
        .filter(|reason| run.stdout.contains(&format!("{reason}  ")))
        .map(|reason| run.count(reason))
        .sum();
    assert_eq!(reasons, rejected);
    assert_eq!(run.part("CDs"), "16,000");
}

#[test]
fn an_order_that_lost_its_reservation_is_removed_again() {
    let shop = Shop::new();
    let header = "customer_id,date,quantity,dollars\n".to_owned();
    let rows: String = (0..4000).map(|customer| format!("{customer},1997-01-01,1,1\n")).collect();
    shop.write("rush.csv", header + &rows);
    // When the last CD goes, the orders under way have passed their checks, and lose at the reservation. How many are
    // under way depends on how fast the rows are read; now and then it is a single one.
    let run = (0..50)
        .map(|_| shop.run(&["--purchases", "rush.csv", "--stock", "1950", "--in-flight", "100"]))
        .find(|run| run.stdout.contains("taken by a faster order"))
        .expect("of fifty runs one has orders under way when the last CD goes");
    run.expect(0);
    let taken = run.count("taken by a faster order");
    assert!((1..100).contains(&taken), "{}", run.stdout);
    assert_eq!(run.count("of these, saved and removed again"), taken);
    assert_eq!(taken + run.count("sold out"), 2050);
    assert_eq!(run.count("orders accepted"), 1950);
    assert_eq!(run.part("revenue"), "$1,950.00");
    // No event told of an order that was removed again.
    assert_eq!(run.count("order.created"), 1950);
}

#[test]
fn without_stock_nothing_is_sold() {
    let run = Shop::new().run(&["--stock", "0"]);
    run.expect(0);
    assert_eq!(run.count("sold out"), 6919);
    assert_eq!(run.part("revenue"), "$0.00");
    assert_eq!(run.count("emitted"), 0);
}

//! A row that is no purchase is told as `file:line: reason`, the rest go on, and the exit status is 1.

use crate::shop::Shop;

#[test]
fn bad_rows_are_told_and_the_rest_go_on() {
    let shop = Shop::new();
    let rows: [&[u8]; 13] = [
        b"date,dollars,customer_id,quantity",
        b"1997-01-01,10.00,1,1",
        b"1997-02-29,10.00,1,1",
        b"",
        b"1996-02-29,10.5,2,2",
        b"1997-01-01,10.00,,1",
        b"1997-01-01,10.00,1,0",
        b"1997-01-01,-0.01,1,1",
        b"1997-01-01,0.001,1,1",
        b"1997-01-01,\"10.00,1,1",
        b"1997-01-01,99999999999999999999,1,1",
        b"1997-01-01,10.00,\xe9,1",
        b"1997-01-01,0,3,1",
    ];
    shop.write("rows.csv", rows.join(&b"\r\n"[..]));
    let run = shop.run(&["--purchases", "rows.csv"]);
    run.expect(1);
    assert_eq!(
        run.stderr,
        "rows.csv:3: date `1997-02-29` is not a day of the calendar\n\
         rows.csv:6: customer_id is empty\n\
         rows.csv:7: quantity `0` is less than 1\n\
         rows.csv:8: dollars `-0.01` is less than 0\n\
         rows.csv:9: dollars `0.001` has more than two decimals\n\
         rows.csv:10: a quote is not closed\n\
         rows.csv:11: dollars `99999999999999999999` is too large\n\
         rows.csv:12: customer_id is not UTF-8: \u{fffd}\n"
    );
    assert_eq!(run.value("purchases read"), "3");
    assert_eq!(run.value("rows refused"), "8");
    assert_eq!(run.value("orders accepted"), "3");
    assert_eq!(run.value("revenue"), "$20.50");
}

#[test]
fn a_file_of_nothing_but_a_header_is_a_report_of_nothing() {
    let shop = Shop::new();
    shop.write("none.csv", "customer_id,date,quantity,dollars\n");
    let run = shop.run(&["--purchases", "none.csv"]);
    run.expect(0);
    assert_eq!(run.value("purchases read"), "0");
    assert_eq!(run.value("revenue"), "$0.00");
}

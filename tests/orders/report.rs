//! The report on the sample, held against the sample itself: read and added up here by other means.

use std::collections::{BTreeMap, BTreeSet};

use crate::shop::{Run, Shop};

const SAMPLE: &str = include_str!("../../examples/orders/data/cdnow-sample.csv");

/// How long the highest month's bar is, in blocks.
const WIDTH: u64 = 40;

struct Row {
    customer: u64,
    month: &'static str,
    cds: u64,
    cents: u64,
}

fn rows() -> impl Iterator<Item = Row> {
    SAMPLE.lines().skip(1).map(|line| {
        let [customer, date, cds, dollars] =
            line.split(',').collect::<Vec<_>>().try_into().expect("four fields");
        let number = |text: &str| text.parse().expect("a number");
        let (whole, part) = dollars.split_once('.').unwrap_or((dollars, ""));
        Row {
            customer: number(customer),
            month: &date[..7],
            cds: number(cds),
            cents: number(whole) * 100 + number(&format!("{part:0<2}")),
        }
    })
}

/// With stock for all of the sample.
fn run() -> Run {
    let run = Shop::new().run(&["--stock", "16479"]);
    run.expect(0);
    run
}

fn digits(text: &str) -> u64 {
    text.replace(['$', ',', '.'], "").parse().expect("a number")
}

/// How many eighths of a block a bar is long.
fn eighths(bar: &str) -> u64 {
    let blocks = bar.trim_end_matches(|part| part != '█');
    let rest = &bar[blocks.len()..];
    assert!(blocks.chars().all(|block| block == '█') && rest.chars().count() <= 1, "{bar}");
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].iter().position(|part| *part == rest);
    blocks.chars().count() as u64 * 8 + part.expect("a part of a block") as u64
}

#[test]
fn each_month_has_its_revenue_its_cds_and_a_bar_to_scale() {
    let mut months = BTreeMap::<_, (u64, u64)>::new();
    for row in rows() {
        let month = months.entry(row.month).or_default();
        *month = (month.0 + row.cents, month.1 + row.cds);
    }
    let highest = months.values().map(|month| month.0).max().expect("a month");
    let expected: Vec<_> = months
        .into_iter()
        .map(|(month, (cents, cds))| (month.to_owned(), cents, cds, (cents * WIDTH * 8).div_ceil(highest)))
        .collect();
    let run = run();
    let found: Vec<_> = run
        .stdout
        .lines()
        .filter(|line| line.starts_with("  199"))
        .map(|line| {
            let [month, revenue, cds, bar] =
                line.split_whitespace().collect::<Vec<_>>().try_into().expect("four columns");
            (month.to_owned(), digits(revenue), digits(cds), eighths(bar))
        })
        .collect();
    assert_eq!(found, expected);
    // What is known of this file, in case both went wrong alike.
    assert_eq!(found[2], ("1997-03".to_owned(), 4_347_210, 2_883, 320));
    assert_eq!((found.len(), found.iter().map(|month| month.1).sum()), (18, 24_409_194));
}

/// What the gateway does with a customer's mails: of a thousand customers it refuses 30, panics for 10, and puts off the
/// first mail of 50. Which they are, SplitMix64 says.
#[derive(PartialEq)]
enum Gateway {
    Refuses,
    Panics,
    PutsOff,
    Accepts,
}

fn gateway(customer: u64) -> Gateway {
    let mut z = customer.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    match (z ^ (z >> 31)) % 1000 {
        0..30 => Gateway::Refuses,
        30..40 => Gateway::Panics,
        40..90 => Gateway::PutsOff,
        _ => Gateway::Accepts,
    }
}

#[test]
fn the_mails_that_fail_are_retried_and_buried_to_the_number() {
    /// A mail that always fails is tried so many times more.
    const RETRIES: u64 = 3;
    let orders: Vec<_> = rows().map(|row| row.customer).collect();
    let customers: Vec<_> = orders.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let of = |mails: &[u64], fate| mails.iter().filter(|customer| gateway(**customer) == fate).count() as u64;
    let dead = |mails: &[u64]| of(mails, Gateway::Refuses) + of(mails, Gateway::Panics);

    let run = run();
    let mut retried = Vec::new();
    for (pattern, mails) in [("order.created", &orders), ("user.created", &customers)] {
        let row = run.value(&format!("notifications {pattern}"));
        let [delivered, handled, again, buried, waiting] =
            row.split_whitespace().map(digits).collect::<Vec<_>>().try_into().expect("five numbers");
        let (all, dead) = (mails.len() as u64, dead(mails));
        assert_eq!((delivered, handled, buried, waiting), (all, all - dead, dead, 0), "{pattern}");
        assert!(again >= RETRIES * dead && dead > 0, "{pattern}: {row}");
        retried.push(again);
    }
    // Either mail to a customer may be the first, which is put off once.
    let put_off = of(&customers, Gateway::PutsOff);
    assert!(put_off > 0);
    let failed = dead(&orders) + dead(&customers);
    assert_eq!(retried.iter().sum::<u64>(), RETRIES * failed + put_off);

    let panics = of(&orders, Gateway::Panics) + of(&customers, Gateway::Panics);
    assert_eq!(run.count("dead letters: panic"), panics);
    assert_eq!(run.count("dead letters: handler_error"), failed - panics);
    assert_eq!(run.count("mails sent"), (orders.len() + customers.len()) as u64 - failed);
    // Each attempt that panics costs the service a restart, and nothing else does.
    assert_eq!(run.count("restarts"), panics * (1 + RETRIES));
    assert_eq!((failed, panics, put_off), (351, 67, 122), "what is known of this file");
}

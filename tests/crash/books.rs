//! What is there afterwards, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use nestling::rusqlite::Connection;
use nestling::{Filter, SqliteReader};

use crate::shop::{Files, IN_TRANSACTION, Paid};

/// What was promised, and what has come of it.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// The events whose confirmed emit was acknowledged.
    pub(crate) acknowledged: BTreeSet<u64>,
    /// How often each event's effect is there, by service.
    effects: BTreeMap<(String, u64), usize>,
    /// Each event's dead letter, by service.
    letters: BTreeSet<(String, u64)>,
    mailed: BTreeSet<u64>,
}

impl Books {
    pub(crate) fn read(files: &Files, acknowledged: BTreeSet<u64>) -> Self {
        let mut books = Self { acknowledged, ..Self::default() };
        let connection = Connection::open(files.database()).unwrap();
        let mut rows = connection.prepare("SELECT service, n FROM effects").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).unwrap();
        for (service, n) in rows.map(Result::unwrap) {
            *books.effects.entry((service, u64::try_from(n).unwrap())).or_default() += 1;
        }
        let reader = SqliteReader::open(files.database()).unwrap();
        for letter in reader.list(&Filter::new().limit(1_000_000)).unwrap() {
            let Paid { n } = serde_json::from_str(letter.payload.get()).unwrap();
            books.letters.insert((letter.service, n));
        }
        let mail = std::fs::read_to_string(files.mail()).unwrap_or_default();
        books.mailed = mail.lines().filter_map(|line| line.parse().ok()).collect();
        books
    }

    /// What is not as it was promised.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for ((service, n), times) in self.effects.iter().filter(|(_, times)| **times > 1) {
            problems.push(format!("`{service}` has handled event {n} {times} times"));
        }
        for n in &self.acknowledged {
            for service in IN_TRANSACTION {
                let key = (service.to_owned(), *n);
                if !self.effects.contains_key(&key) && !self.letters.contains(&key) {
                    problems.push(format!("event {n} is lost for `{service}`"));
                }
            }
            if !self.mailed.contains(n) && !self.letters.contains(&("mail".to_owned(), *n)) {
                problems.push(format!("event {n} is lost for `mail`"));
            }
        }
        problems
    }
}

#[test]
fn the_books_find_what_is_lost_and_what_is_repeated() {
    let key = |n| ("ledger".to_owned(), n);
    let stock = |n| ("stock".to_owned(), n);
    let books = Books {
        acknowledged: [1, 2, 3].into(),
        effects: [(key(1), 1), (key(2), 2), (stock(1), 1), (stock(3), 1)].into(),
        letters: [stock(2)].into(),
        mailed: [1, 2].into(),
    };
    let expected = [
        "`ledger` has handled event 2 2 times",
        "event 3 is lost for `ledger`",
        "event 3 is lost for `mail`",
    ];
    assert_eq!(books.problems(), expected);
}

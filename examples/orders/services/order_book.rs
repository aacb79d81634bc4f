//! Where orders are kept: it stands for the database, and outlives the service.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::messages::{CreateOrder, OrderId};

/// The saved orders. Clones are the same book.
#[derive(Debug, Clone, Default)]
pub(crate) struct OrderBook(Rc<RefCell<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    orders: HashMap<OrderId, CreateOrder>,
    last: u64,
    removed: u64,
}

/// An order that is saved but not confirmed. Dropped, it takes the order out of the book again: also when the
/// one who asked for it has gone, or the handler panicked.
#[derive(Debug)]
pub(crate) struct Pending {
    book: OrderBook,
    id: OrderId,
    confirmed: bool,
}

impl OrderBook {
    /// Saves an order. A database takes its time, in which others' orders go on.
    pub(crate) async fn save(&self, order: CreateOrder) -> Pending {
        tokio::task::yield_now().await;
        let mut pages = self.0.borrow_mut();
        pages.last += 1;
        let id = OrderId(pages.last);
        pages.orders.insert(id, order);
        drop(pages);
        Pending { book: self.clone(), id, confirmed: false }
    }

    /// How many were saved and removed again.
    pub(crate) fn removed(&self) -> u64 {
        self.0.borrow().removed
    }
}

impl Pending {
    pub(crate) fn id(&self) -> OrderId {
        self.id
    }

    /// The order stays in the book.
    pub(crate) fn confirm(mut self) {
        self.confirmed = true;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.confirmed {
            let mut pages = self.book.0.borrow_mut();
            pages.orders.remove(&self.id);
            pages.removed += 1;
        }
    }
}

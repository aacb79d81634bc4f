//! Knows how many CDs are in stock. Asked by message, because an order cannot go on without the answer.

use nestling::prelude::*;

use crate::messages::{Availability, CheckInventory, InventoryError, ReserveInventory};

#[derive(Debug)]
pub(crate) struct Inventory {
    in_stock: u64,
}

impl Inventory {
    pub(crate) fn new(in_stock: u64) -> Self {
        Self { in_stock }
    }

    fn after(&self, quantity: u32) -> Result<u64, InventoryError> {
        match self.in_stock.checked_sub(quantity.into()) {
            Some(left) => Ok(left),
            None if self.in_stock == 0 => Err(InventoryError::SoldOut),
            None => Err(InventoryError::NotEnough { wanted: quantity, in_stock: self.in_stock }),
        }
    }
}

impl Actor for Inventory {
    type Context = Context<Self>;
}

impl Supervised for Inventory {}

impl Service for Inventory {
    const NAME: &'static str = "inventory";

    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.message::<CheckInventory>().message::<ReserveInventory>();
    }
}

impl Handler<CheckInventory> for Inventory {
    type Result = Result<Availability, InventoryError>;

    fn handle(&mut self, check: CheckInventory, _: &mut Context<Self>) -> Self::Result {
        self.after(check.quantity)?;
        Ok(Availability { in_stock: self.in_stock })
    }
}

impl Handler<ReserveInventory> for Inventory {
    type Result = Result<Availability, InventoryError>;

    fn handle(&mut self, reserve: ReserveInventory, _: &mut Context<Self>) -> Self::Result {
        self.in_stock = self.after(reserve.quantity)?;
        Ok(Availability { in_stock: self.in_stock })
    }
}

//! What a failure leaves standing.

mod same_address_and_queue_after_every_failure;

//! The suite's list of tests, and what it makes of it for a transport.

/// Hands the tests of a feature to another macro.
macro_rules! guarantees {
    (requests $then:ident $($with:tt)*) => {
        $then! { $($with)* requests_are_answered errors_keep_their_type no_handler_is_told_at_once timeouts_are_kept }
    };
    (streams $then:ident $($with:tt)*) => {
        $then! { $($with)* streams_come_whole_and_in_order }
    };
    (streams_dropped $then:ident $($with:tt)*) => {
        $then! { $($with)* streams_that_nobody_reads_are_dropped }
    };
    (events $then:ident $($with:tt)*) => {
        $then! { $($with)* events_reach_every_service many_emitters_and_subscribers payloads_of_any_size }
    };
    (nodes $then:ident $($with:tt)*) => {
        $then! { $($with)* another_node_goes_on_after_close }
    };
    (groups $then:ident $($with:tt)*) => {
        $then! { $($with)* events_reach_one_of_a_group }
    };
    (ordered $then:ident $($with:tt)*) => {
        $then! { $($with)* order_per_emitter_is_kept }
    };
    (ordered_across_patterns $then:ident $($with:tt)*) => {
        $then! { $($with)* order_holds_across_patterns }
    };
    (ordered_across_instances $then:ident $($with:tt)*) => {
        $then! { $($with)* order_holds_across_instances }
    };
    (redelivery $then:ident $($with:tt)*) => {
        $then! { $($with)* failures_are_delivered_again order_holds_through_failures }
    };
    (confirmed_emit $then:ident $($with:tt)*) => {
        $then! { $($with)* confirmed_events_are_handled }
    };
    (headers $then:ident $($with:tt)*) => {
        $then! { $($with)* metadata_is_kept }
    };
    (closing $then:ident $($with:tt)*) => {
        $then! { $($with)* close_blocks_nobody drain_loses_nothing }
    };
    (broker_restart $then:ident $($with:tt)*) => {
        $then! { $($with)* a_broker_that_restarts_is_found_again }
    };
    (durable $then:ident $($with:tt)*) => {
        $then! {
            $($with)*
            nothing_is_lost_between_two_nodes
            nothing_is_acknowledged_before_it_is_handled
            a_new_service_sees_old_events
            acknowledged_events_survive_a_sigterm
            acknowledged_events_survive_a_sigkill
        }
    };
}

/// The two tests of each guarantee: it holds, and each of its faults is noticed.
macro_rules! tests {
    ($transport:ident: $($test:ident)+) => {
        $(
            mod $test {
                use futures::FutureExt;

                use crate::harness::{fails, holds};
                use crate::suite::$test as it;

                #[test]
                fn it_holds() {
                    holds(super::begin, |transport| it::holds(transport).boxed_local());
                }

                #[test]
                fn its_twins_fail() {
                    fails(super::begin, |transport| it::holds(transport).boxed_local(), it::TWINS);
                }
            }
        )+
    };
}

/// The names of tests.
macro_rules! names {
    ($($test:ident)+) => {
        &[$(stringify!($test)),+]
    };
}

/// Makes the tests of a transport: those of its features, and no others. The transport has a `begin` that starts it.
macro_rules! conformance {
    ($transport:ident: $($feature:ident)+) => {
        /// What it can do.
        pub(crate) const FEATURES: &[crate::harness::Feature] = &[$(crate::harness::Feature::$feature),+];

        /// The tests that it runs, a list a feature.
        pub(crate) const TESTS: &[&[&str]] = &[$(guarantees!($feature names)),+];

        fn begin() -> futures::future::LocalBoxFuture<'static, Box<dyn crate::harness::Transport>> {
            Box::pin(async { Box::new($transport::begin().await) as Box<dyn crate::harness::Transport> })
        }

        $(guarantees! { $feature tests $transport: })+
    };
}

//! No transport at all: services and callers share a node.

use std::cell::RefCell;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, ready};

use crate::harness::{Feature, Running, Serving, Transport};

conformance! {
    InProcess: requests streams streams_dropped events ordered ordered_across_patterns redelivery confirmed_emit headers closing
}

/// One node.
struct InProcess {
    node: RefCell<Option<Running>>,
}

impl InProcess {
    async fn begin() -> Self {
        Self { node: RefCell::new(None) }
    }
}

impl Transport for InProcess {
    fn features(&self) -> &'static [Feature] {
        FEATURES
    }

    fn serve(&self, serving: Serving) -> LocalBoxFuture<'_, Running> {
        async {
            let running = Running::new(serving.builder().start().await.unwrap());
            let before = self.node.replace(Some(running.clone()));
            assert!(before.is_none(), "there is one node in a process");
            running
        }
        .boxed_local()
    }

    fn caller(&self) -> LocalBoxFuture<'_, Running> {
        ready(self.node.borrow().clone().expect("what serves is started first")).boxed_local()
    }
}

//! Which events have been handled already.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::metadata::Id;

/// Which events have been handled already.
pub(crate) trait HandledIds: Send + Sync + 'static {
    fn is_handled(
        &self,
        service: &Arc<str>,
        subscription: &Arc<str>,
        id: &Id,
    ) -> BoxFuture<'static, Result<bool, String>>;

    fn record(&self, service: &Arc<str>, subscription: &Arc<str>, id: &Id)
    -> BoxFuture<'static, Result<(), String>>;
}

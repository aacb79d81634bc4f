//! Running a test of the suite: as it is, and against a broken transport.

use std::env;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures::future::LocalBoxFuture;

use super::broken::{Broken, Fault};
use super::transport::Transport;
use super::violation::{Guarantee, Verdict};

/// How long a test may take at all.
const LIMIT: Duration = Duration::from_secs(240);

/// A test of the suite.
pub(crate) type Body = for<'a> fn(&'a dyn Transport) -> LocalBoxFuture<'a, Verdict>;

/// Starts a transport.
pub(crate) type Begin = fn() -> LocalBoxFuture<'static, Box<dyn Transport>>;

/// The test holds over a transport.
pub(crate) fn holds(begin: Begin, body: Body) {
    match run(begin, body, None) {
        Some((Ok(()), _)) => {}
        Some((Err(violation), _)) => panic!("{violation}"),
        None => panic!("it does not end within {LIMIT:?}"),
    }
}

/// The test fails over the same transport with each of these faults, and says what is broken.
pub(crate) fn fails(begin: Begin, body: Body, twins: &[(Fault, Guarantee)]) {
    assert!(!twins.is_empty(), "a test that nothing breaks guards against nothing");
    for &(fault, guarantee) in twins {
        match run(begin, body, Some(fault)) {
            Some((Err(violation), struck)) => {
                assert_eq!(violation.guarantee, guarantee, "{fault:?} is told as: {violation}");
                assert!(struck, "{fault:?} has not shown, and yet: {violation}");
            }
            Some((Ok(()), _)) => panic!("nobody notices {fault:?}"),
            None => panic!("with {fault:?} it does not end within {LIMIT:?}"),
        }
    }
}

/// Runs a test on a thread and a runtime of its own: how it ends, and whether the fault has shown. None if it does not
/// end.
fn run(begin: Begin, body: Body, fault: Option<Fault>) -> Option<(Verdict, bool)> {
    let (done, end) = mpsc::channel();
    let thread = thread::spawn(move || {
        let verdict = actix::System::new().block_on(async move {
            let transport = begin().await;
            match fault {
                Some(fault) => {
                    let broken = Broken::new(transport, fault);
                    (body(&broken).await, broken.has_struck())
                }
                None => (body(&*transport).await, false),
            }
        });
        let _ = done.send(verdict);
    });
    match end.recv_timeout(LIMIT) {
        Ok(verdict) => Some(verdict),
        Err(mpsc::RecvTimeoutError::Timeout) => None,
        // It has panicked, and so does this.
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Ok(()) => None,
            Err(panic) => std::panic::resume_unwind(panic),
        },
    }
}

/// Random numbers that `NESTLING_CONFORMANCE_SEED` repeats.
pub(crate) fn random() -> fastrand::Rng {
    let seed = env::var("NESTLING_CONFORMANCE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("NESTLING_CONFORMANCE_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

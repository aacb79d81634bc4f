//! Stands between a client and its service, passes everything on, and counts connections.

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How many connections there are, and how many there have been.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    open: usize,
    ever: usize,
}

pub(crate) struct Relay {
    pub(crate) address: String,
    count: watch::Receiver<Count>,
}

impl Relay {
    /// To the service at `address`.
    pub(crate) async fn to(address: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let own = listener.local_addr().expect("it is bound").to_string();
        let (counting, count) = watch::channel(Count::default());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (address, counting) = (address.clone(), counting.clone());
                counting.send_modify(|count| {
                    count.open += 1;
                    count.ever += 1;
                });
                tokio::spawn(async move {
                    let mut service = TcpStream::connect(address).await.expect("the service listens");
                    // A connection that is cut off has ended too.
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut service).await;
                    counting.send_modify(|count| count.open -= 1);
                });
            }
        });
        Self { address: own, count }
    }

    /// How many connections there are.
    pub(crate) fn open(&self) -> usize {
        self.count.borrow().open
    }

    /// How many connections there have been.
    pub(crate) fn ever(&self) -> usize {
        self.count.borrow().ever
    }

    /// Waits until no more than `open` connections are left.
    pub(crate) async fn shrink_to(&self, open: usize) {
        let mut count = self.count.clone();
        count.wait_for(|count| count.open <= open).await.expect("the relay runs");
    }
}

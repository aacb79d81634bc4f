//! TCP: nodes that serve listen, and the caller's has them as peers.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use nestling::prelude::*;
use nestling::{Tcp, TcpClient};

use crate::harness::{
    CountUp, Double, Feature, Happened, Nobody, Noted, Nothing, Running, Serving, Transport,
};

conformance! {
    Peers: requests streams streams_dropped events nodes ordered ordered_across_patterns redelivery confirmed_emit headers closing
}

/// The nodes that serve, by name, and where they listen: a node that takes another's place has its port too.
#[derive(Default)]
struct Peers {
    serving: RefCell<Vec<(String, SocketAddr)>>,
}

impl Peers {
    async fn begin() -> Self {
        Self::default()
    }
}

impl Transport for Peers {
    fn features(&self) -> &'static [Feature] {
        FEATURES
    }

    fn serve(&self, serving: Serving) -> LocalBoxFuture<'_, Running> {
        async {
            let name = serving.node.clone();
            let before = self.serving.borrow().iter().find(|(node, _)| *node == name).map(|(_, port)| *port);
            let tcp = before.map_or_else(|| Tcp::port(0), Tcp::address);
            let node = serving.builder().listen(tcp).start().await.unwrap();
            if before.is_none() {
                self.serving.borrow_mut().push((name, node.listening()[0]));
            }
            Running::new(node)
        }
        .boxed_local()
    }

    fn caller(&self) -> LocalBoxFuture<'_, Running> {
        async {
            let reconnect = Backoff::new(Duration::from_millis(5), 2.0, Duration::from_millis(50));
            let connect =
                |address: SocketAddr| TcpClient::builder(address.to_string()).reconnect(reconnect).build();
            let peers: Rc<[TcpClient]> =
                self.serving.borrow().iter().map(|(_, port)| connect(*port)).collect();
            let answers = peers.first().expect("what serves is started first");
            let builder = Serving::node("caller").builder().remote::<(Double, CountUp, Nobody)>(answers);
            let builder = peers.iter().fold(builder, |builder, peer| {
                builder.forward::<Happened>(peer).forward::<Noted>(peer).forward::<Nothing>(peer)
            });
            let running = Running::new(builder.start().await.unwrap());
            running.after_close(Rc::new(move || {
                let peers = Rc::clone(&peers);
                async move { drop(join_all(peers.iter().cloned().map(TcpClient::close)).await) }.boxed_local()
            }))
        }
        .boxed_local()
    }
}

//! A text to a server on another thread and back, over one TCP connection of this machine.
//!
//! Every contestant has one thread for its server and one for its client, each with a current-thread runtime.
//! tarpc writes bincode, tonic protobuf, Nestling JSON.

use nestling_benches::contest::{Bench, Contestant};
use nestling_benches::echo::{Load, echoing};
use nestling_benches::peers::{nestling_tcp, tarpc, tonic};
use nestling_benches::rig::{Rig, TokioRig};

fn main() {
    let mut bench = Bench::from_args("tcp");
    let servers = Servers { tarpc: tarpc::serve(), tonic: tonic::serve(), nestling: nestling_tcp::serve() };
    for bytes in [32, 4096] {
        for in_flight in [1, 64, 256] {
            let title = format!("{in_flight} × {bytes} B");
            let contestants = contestants(&servers, Load { in_flight, bytes });
            bench.contest(&title, contestants, &[("nestling", 1.50)]);
        }
    }
    bench.finish();
}

struct Servers {
    tarpc: std::net::SocketAddr,
    tonic: std::net::SocketAddr,
    nestling: std::net::SocketAddr,
}

fn contestants(servers: &Servers, load: Load) -> Vec<Contestant> {
    let rig = TokioRig::new();
    let tarpc = || rig.block_on(tarpc::Client::connect(servers.tarpc));
    let tonic = rig.block_on(tonic::Client::connect(servers.tonic));
    let nestling = nestling_tcp::Client::connect(servers.nestling);
    vec![
        echoing("tarpc", &rig, load, tarpc()),
        // The same again: how far it is from 1.00 is the noise of the run.
        echoing("tarpc, again", &rig, load, tarpc()),
        echoing("tonic", &rig, load, tonic),
        echoing("nestling", &rig, load, nestling),
    ]
}

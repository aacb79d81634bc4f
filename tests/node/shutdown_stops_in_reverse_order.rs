//! Services stop in the reverse order of their start, wherever they run.

use nestling::prelude::*;

use crate::support::Log;

macro_rules! services {
    ($($name:ident $text:literal),+) => {$(
        struct $name(Log);
        impl Actor for $name {
            type Context = Context<Self>;
            fn started(&mut self, _: &mut Context<Self>) {
                self.0.push(concat!("start ", $text));
            }
            fn stopped(&mut self, _: &mut Context<Self>) {
                self.0.push(concat!("stop ", $text));
            }
        }
        impl Supervised for $name {}
        impl Service for $name {
            const NAME: &'static str = $text;
            fn patterns(_: &mut Patterns<Self>) {}
        }
    )+};
}
services!(First "first", Second "second", Third "third");

#[actix::test]
async fn wherever_they_run() {
    let log = Log::default();
    let (of_second, of_third) = (log.clone(), log.clone());
    let node = Node::builder("test")
        .service(First(log.clone()))
        .service_on(Placement::Dedicated, move |_| Second(of_second.clone()))
        .service_with(move |_| Third(of_third.clone()))
        .start()
        .await
        .unwrap();
    crate::support::until(|| log.lines().len() == 3).await;
    node.shutdown(Duration::from_secs(5)).await;
    assert_eq!(log.lines()[3..], ["stop third", "stop second", "stop first"]);
}

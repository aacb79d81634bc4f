//! All services are subscribed before the first of them starts: what one sends in `started` reaches those registered
//! after it, on whatever thread they start.

use nestling::prelude::*;

use crate::support::{Log, Never, until};

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern(cmd = "register", response = (), error = Never)]
struct Register;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("opened")]
struct Opened;

struct Early(Log);
impl Actor for Early {
    type Context = Context<Self>;
    fn started(&mut self, ctx: &mut Context<Self>) {
        let (client, log) = (ctx.client(), self.0.clone());
        client.emit(Opened);
        ctx.spawn(async move { log.push(format!("{:?}", client.send(Register).await)) }.into_actor(self));
    }
}
impl Supervised for Early {}
impl Service for Early {
    const NAME: &'static str = "early";
    fn patterns(_: &mut Patterns<Self>) {}
}

#[derive(Service)]
#[service("late", messages(Register), events(Opened, ServiceStarted))]
struct Late(Log);
impl Handler<Register> for Late {
    type Result = Result<(), Never>;
    fn handle(&mut self, _: Register, _: &mut Context<Self>) -> Self::Result {
        Ok(())
    }
}
impl Handler<Opened> for Late {
    type Result = Result<(), EventError>;
    fn handle(&mut self, _: Opened, _: &mut Context<Self>) -> Self::Result {
        self.0.push("opened");
        Ok(())
    }
}
impl Handler<ServiceStarted> for Late {
    type Result = Result<(), EventError>;
    fn handle(&mut self, started: ServiceStarted, _: &mut Context<Self>) -> Self::Result {
        self.0.push(format!("{} started", started.service));
        Ok(())
    }
}

#[actix::test]
async fn also_on_another_thread() {
    for placement in [Placement::Here, Placement::Dedicated] {
        let log = Log::default();
        let late = log.clone();
        let builder = Node::builder("test").service(Early(log.clone()));
        let node = builder.service_on(placement, move |_| Late(late.clone())).start().await.unwrap();
        until(|| log.lines().len() == 4).await;
        let mut lines = log.lines();
        lines.sort();
        assert_eq!(lines, ["Ok(())", "early started", "late started", "opened"]);
        assert_eq!(node.stats().no_subscriber, 0);
    }
}

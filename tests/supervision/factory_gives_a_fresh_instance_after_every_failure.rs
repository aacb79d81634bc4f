//! A service with a factory has a fresh instance after every failure, wherever it came from; one without goes on as the
//! same instance. What was spawned in the actor's context is gone, and `started` sets it again.

use std::cell::Cell;
use std::rc::Rc;

use crate::support::{Log, until};
use nestling::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, EventPattern)]
#[event_pattern("clock.wound")]
struct Wound {
    how: String,
}

#[derive(Debug, Serialize, Deserialize, MessagePattern)]
#[message_pattern("clock.time", response = u32, error = Broken)]
struct Time;

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("broken")]
struct Broken;

/// Spawns futures and intervals that panic, and keeps the handles.
struct Clock {
    log: Log,
    instance: u32,
    handles: Rc<Cell<Vec<actix::SpawnHandle>>>,
}

impl Clock {
    fn keep(&self, handle: actix::SpawnHandle) {
        let mut handles = self.handles.take();
        handles.push(handle);
        self.handles.set(handles);
    }
}

impl Actor for Clock {
    type Context = Context<Self>;
    fn started(&mut self, ctx: &mut Context<Self>) {
        self.log.push(format!("started {}", self.instance));
        self.keep(ctx.run_interval(Duration::from_millis(1), |clock, _| {
            if !clock.log.has(&format!("tick {}", clock.instance)) {
                clock.log.push(format!("tick {}", clock.instance));
            }
        }));
    }
}
impl Supervised for Clock {}
impl Service for Clock {
    const NAME: &'static str = "clock";
    fn patterns(patterns: &mut Patterns<Self>) {
        patterns.event::<Wound>().message::<Time>();
    }
}
impl Handler<Wound> for Clock {
    type Result = Result<(), EventError>;
    fn handle(&mut self, Wound { how }: Wound, ctx: &mut Context<Self>) -> Self::Result {
        match how.as_str() {
            "spawn" => self.keep(ctx.spawn(async { panic!("spawned") }.into_actor(self))),
            "interval" => self.keep(ctx.run_interval(Duration::from_millis(1), |_, _| panic!("interval"))),
            "later" => self.keep(ctx.run_later(Duration::from_millis(1), |_, _| panic!("later"))),
            "wait" => ctx.wait(async { panic!("waited") }.into_actor(self)),
            "notify" => ctx.notify(Wound { how: "panic".to_owned() }),
            "panic" => panic!("handler"),
            "err" => return Err(EventError::msg("no key")),
            "cancel all" => {
                let kept = self.handles.take();
                self.log.push(format!("cancelled {}", kept.len()));
                for handle in kept {
                    ctx.cancel_future(handle);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
impl Handler<Time> for Clock {
    type Result = Result<u32, Broken>;
    fn handle(&mut self, _: Time, _: &mut Context<Self>) -> Self::Result {
        Ok(self.instance)
    }
}

const FAILURES: [&str; 7] = ["spawn", "interval", "later", "wait", "notify", "panic", "err"];

async fn clock(log: &Log, fresh: bool) -> Node {
    let (made, handles, log) = (Cell::new(0), Rc::default(), log.clone());
    let make = move || {
        let instance = made.replace(made.get() + 1);
        Clock { log: log.clone(), instance, handles: Rc::clone(&handles) }
    };
    let builder = Node::builder("test");
    let builder = if fresh { builder.service_with(move |_| make()) } else { builder.service(make()) };
    builder.start().await.unwrap()
}

fn restarts(node: &Node) -> u64 {
    node.stats().service("clock").unwrap().restarts
}

#[actix::test]
async fn and_its_intervals_run_again() {
    for fresh in [true, false] {
        let log = Log::default();
        let node = clock(&log, fresh).await;
        let address = node.addr::<Clock>().unwrap();
        // Twice round, since the first replacement of an instance is made otherwise than the later ones.
        for (n, how) in (1..).zip(FAILURES.iter().chain(&FAILURES)) {
            node.client().emit(Wound { how: (*how).to_owned() });
            until(how, || restarts(&node) == n).await;
            let instance = if fresh { u32::try_from(n).unwrap() } else { 0 };
            assert_eq!(node.client().send(Time).await, Ok(instance), "{how}");
            assert_eq!(address.send(Time).await, Ok(Ok(instance)), "{how}");
            until(how, || log.has(&format!("tick {instance}"))).await;
            assert_eq!(log.starting_with("started").len() as u64, n + 1, "{how}");
        }
    }
}

#[actix::test]
async fn no_handle_kept_from_before_a_restart_stops_the_inbox() {
    for fresh in [true, false] {
        for rounds in 0..6 {
            let log = Log::default();
            let node = clock(&log, fresh).await;
            for round in 0..rounds {
                for how in &FAILURES[..3] {
                    node.client().emit(Wound { how: (*how).to_owned() });
                    let before = restarts(&node);
                    until(how, || restarts(&node) > before).await;
                }
                assert_eq!(restarts(&node), (round + 1) * 3);
            }
            // Numbers begin anew with each restart: among the kept handles is the inbox's own.
            for _ in 0..3 {
                node.client().emit(Wound { how: "cancel all".to_owned() });
                node.client().emit(Wound { how: "nothing".to_owned() });
            }
            let expected = (rounds * 3) as usize;
            let handled = || node.stats().total().handled as usize == expected + 6;
            until("the inbox goes on", handled).await;
            assert!(node.client().send(Time).await.is_ok());
            assert!(!log.starting_with("cancelled").is_empty());
        }
    }
}

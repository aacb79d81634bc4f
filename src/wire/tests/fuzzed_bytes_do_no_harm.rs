//! Whatever a peer sends, nothing panics and memory stays bounded.
//!
//! `NESTLING_FUZZ_INPUTS` says how many inputs are tried; each has a seed of its own, so that a failure names it.

use super::super::frame::SLACK;
use super::super::*;
use super::support::framed;

const LIMIT: usize = 2000;

const SEEDS: [&str; 14] = [
    r#"{"pattern":{"cmd":"sum"},"data":[1,2],"id":"ID1"}"#,
    r#"{"pattern":"{\"cmd\":\"sum\"}","data":1}"#,
    r#"{"pattern":"echo","data":"é😀","id":"U"}"#,
    r#"{"pattern":"echo","data":"\ud83d\ude00 \ud83d \\ud83d","metadata":{"traceparent":"00-1","n":1},"id":null}"#,
    r#"{"pattern":["a",[["b",{"c":null}]]],"data":{"a":[1.5e3,-0,true]},"id":{"x":[1]}}"#,
    r#"{"pattern":"\"sum\"","id":7}"#,
    r#"{"response":3,"isDisposed":true,"id":"ID1"}"#,
    r#"{"id":"ID1","status":"error","err":"There is no matching message handler defined in the remote service."}"#,
    r#"{"err":{"status":"error","message":0},"isDisposed":true,"id":"ID1"}"#,
    r#"{"err":"","response":[{}],"isDisposed":1e-400,"id":"ID1","metadata":[]}"#,
    "null",
    "[1]",
    "\"hey\"",
    "",
];

/// What stands at the places where readers decide.
const TOKENS: [&str; 24] = [
    "#",
    "0#",
    "5#",
    "-1#",
    "99999999999999999999#",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    "\\udc00",
    ":",
    ",",
    "null",
    "1e999",
    "-",
    "😀",
    "\u{feff}",
    "\"id\":",
    "\"pattern\":",
    "\"err\":",
];

fn inputs() -> u64 {
    std::env::var("NESTLING_FUZZ_INPUTS").map_or(20_000, |inputs| inputs.parse().unwrap())
}

fn pick<'a>(random: &mut fastrand::Rng, of: &[&'a str]) -> &'a str {
    of[random.usize(..of.len())]
}

/// Random bytes, or a seed in which some places are changed.
fn body(random: &mut fastrand::Rng) -> Vec<u8> {
    if random.u8(..8) == 0 {
        let length = random.usize(..200);
        return std::iter::repeat_with(|| random.u8(..)).take(length).collect();
    }
    let mut body = pick(random, &SEEDS).as_bytes().to_vec();
    for _ in 0..random.usize(..4) {
        mutate(random, &mut body);
    }
    body
}

fn mutate(random: &mut fastrand::Rng, bytes: &mut Vec<u8>) {
    let at = random.usize(..=bytes.len());
    let end = (at + random.usize(..8)).min(bytes.len());
    match random.u8(..6) {
        0 if at < bytes.len() => bytes[at] = random.u8(..),
        1 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let copied = bytes[at..end].to_vec();
            let to = random.usize(..=bytes.len());
            drop(bytes.splice(to..to, copied));
        }
        4 => bytes.truncate(at),
        _ => drop(bytes.splice(at..at, pick(random, &TOKENS).bytes())),
    }
}

#[test]
fn the_frame_reader() {
    for seed in 0..inputs() {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut stream = Vec::new();
        for _ in 0..random.usize(1..6) {
            match String::from_utf8(body(&mut random)) {
                Ok(body) => stream.extend(framed(&body.repeat(random.usize(1..12)))),
                Err(bytes) => stream.extend(bytes.into_bytes()),
            }
        }
        if random.bool() {
            mutate(&mut random, &mut stream);
        }
        read_in_pieces(&mut random, &stream).unwrap_or_else(|what| panic!("seed {seed}: {what}"));
    }
}

fn read_in_pieces(random: &mut fastrand::Rng, stream: &[u8]) -> Result<(), String> {
    let mut reader = FrameReader::new(LIMIT);
    let mut rest = stream;
    let mut handed_out = 0;
    while !rest.is_empty() {
        let space = reader.space();
        let (now, later) = rest.split_at(rest.len().min(random.usize(1..500)));
        if space.capacity() - space.len() < now.len() {
            return Err("there was no space to read into".to_owned());
        }
        space.extend_from_slice(now);
        rest = later;
        loop {
            match reader.next() {
                Ok(Some(frame)) => {
                    if frame.len() > LIMIT {
                        return Err(format!("a frame of {} bytes", frame.len()));
                    }
                    handed_out += frame.encode_utf16().count();
                }
                Ok(None) => break,
                Err(_) => return Ok(()),
            }
        }
        let bound = (LIMIT + SLACK).min(2 * 4096 + 2 * stream.len());
        if reader.capacity() > bound || reader.held() > LIMIT + header::MAX_HEADER {
            return Err(format!("{} bytes allocated, {} held", reader.capacity(), reader.held()));
        }
    }
    if handed_out > stream.len() {
        return Err(format!("{handed_out} code units out of {} bytes", stream.len()));
    }
    Ok(())
}

#[test]
fn the_packet_readers() {
    for seed in 0..inputs() {
        let mut random = fastrand::Rng::with_seed(seed);
        let bytes = body(&mut random);
        read_packet(&String::from_utf8_lossy(&bytes)).unwrap_or_else(|what| panic!("seed {seed}: {what}"));
    }
}

fn read_packet(frame: &str) -> Result<(), String> {
    let frame = mend(frame);
    let is_json = serde_json::from_str::<&serde_json::value::RawValue>(&frame).is_ok();
    let (incoming, reply) = (Incoming::read(&frame), Reply::read(&frame));
    if (incoming.is_ok(), reply.is_ok()) != (is_json, is_json) {
        return Err(format!("{frame}: {is_json}, {incoming:?}, {reply:?}"));
    }
    if let Ok(incoming) = incoming {
        let _ = incoming.headers();
        let _ = from_data::<serde_json::Value>(incoming.data);
        let _ = from_data::<Option<u32>>(incoming.data);
        if let Some(pattern) = incoming.pattern {
            let mut tried = Vec::new();
            let _ = lookup(pattern, |route| {
                tried.push(route.to_owned());
                None::<()>
            });
            // What an event may be called is found under that name.
            if let Ok(route) = event_route(pattern)
                && !tried.iter().any(|tried| tried == route.as_str())
            {
                return Err(format!("{route} is not among {tried:?}"));
            }
        }
        let mut out = Vec::new();
        if let Some(id) = incoming.id {
            frame_of(&mut out, id.get())?;
        }
    }
    if let Ok(Reply { err: Some(err), .. }) = reply {
        let _ = wrapped_falsy(err);
    }
    Ok(())
}

/// Whatever the id is, its reply is one that a client can read.
fn frame_of(out: &mut Vec<u8>, id: &str) -> Result<(), String> {
    super::super::plain_frame(out, |out| reply_value(out, id, Some("[1]"), true));
    let mut reader = FrameReader::new(1 << 20);
    reader.space().extend_from_slice(out);
    let text = reader.next().map_err(|error| error.to_string())?.ok_or("half a frame")?;
    let reply = Reply::read(text).map_err(|error| error.to_string())?;
    if reply.id.map(|id| id.get()) != Some(id) {
        return Err(format!("{id} came back as {:?}", reply.id));
    }
    Ok(())
}

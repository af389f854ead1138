//! Socket.IO packets, the content of Engine.IO messages; see [Socket.IO protocol, "Packet
//! encoding"](https://socket.io/docs/v4/socket-io-protocol/#packet-encoding).

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::engine::Frame;
use crate::engine::frame::FrameBuilder;

/// Arguments of an event or acknowledgement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    /// JSON values. Binary data is represented by `{"_placeholder":true,"num":n}`, where `n` is the index in
    /// [`Self::attachments`].
    pub values: Vec<Value>,
    /// Binary data.
    pub attachments: Vec<Bytes>,
}

/// The arguments cannot be serialized as JSON.
#[derive(Debug, Error)]
#[error("the arguments cannot be written as JSON: {0}")]
pub struct EncodeError(#[from] serde_json::Error);

/// An event, encoded once for any number of sockets.
///
/// Clones share the bytes, which serve both as WebSocket frame and as text of a polling payload. A packet belongs to
/// one namespace.
#[derive(Clone, Debug)]
pub struct Packet(Frames);

#[derive(Clone, Debug)]
enum Frames {
    One([Frame; 1]),
    Many(Arc<[Frame]>),
}

impl Packet {
    /// Encodes an event. If `args` serializes to a JSON array, its elements are the arguments; any other value is the
    /// only argument. To send an array as one argument, wrap it: `&(list,)`.
    pub fn event(namespace: &str, name: &str, args: &(impl Serialize + ?Sized)) -> Result<Packet, EncodeError> {
        Packet::with_attachments(namespace, name, args, &[])
    }

    /// Encodes an event with one argument that is JSON text already; it is copied without validation.
    pub fn event_raw(namespace: &str, name: &str, json: &str) -> Packet {
        let mut frame = begin(Kind::Event, 0, namespace, None, json.len() + name.len() + 8);
        frame.payload().push(b'[');
        push_name(&mut frame, name);
        frame.payload().push(b',');
        frame.payload().extend_from_slice(json.as_bytes());
        frame.payload().push(b']');
        Packet(Frames::One([frame.finish_text()]))
    }

    /// Like [`Self::event`], with binary data in place of [`placeholder`]s in `args`.
    pub fn with_attachments(
        namespace: &str,
        name: &str,
        args: &(impl Serialize + ?Sized),
        attachments: &[Bytes],
    ) -> Result<Packet, EncodeError> {
        Packet::encode(Kind::Event, namespace, None, Some(name), args, attachments)
    }

    pub(crate) fn encode(
        kind: Kind,
        namespace: &str,
        id: Option<u64>,
        name: Option<&str>,
        args: &(impl Serialize + ?Sized),
        attachments: &[Bytes],
    ) -> Result<Packet, EncodeError> {
        let mut frame = begin(kind, attachments.len(), namespace, id, 64);
        frame.payload().push(b'[');
        if let Some(name) = name {
            push_name(&mut frame, name);
        }
        push_args(frame.payload(), args, name.is_some())?;
        frame.payload().push(b']');
        let head = frame.finish_text();
        if attachments.is_empty() {
            return Ok(Packet(Frames::One([head])));
        }
        let attachments = attachments.iter().map(|data| Frame::binary(data));
        Ok(Packet(Frames::Many(std::iter::once(head).chain(attachments).collect())))
    }

    /// Encodes the response to a CONNECT packet.
    pub(crate) fn connect(namespace: &str, sid: &str) -> Packet {
        let mut frame = begin(Kind::Connect, 0, namespace, None, 40);
        // Ids contain no characters that JSON escapes, and writing to a vector cannot fail.
        let _ = write!(frame.payload(), "{{\"sid\":\"{sid}\"}}");
        Packet(Frames::One([frame.finish_text()]))
    }

    /// Encodes the rejection of a CONNECT packet.
    pub(crate) fn connect_error(namespace: &str, message: &str, data: Option<&Value>) -> Packet {
        #[derive(Serialize)]
        struct Body<'a> {
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            data: Option<&'a Value>,
        }
        let mut frame = begin(Kind::ConnectError, 0, namespace, None, 64);
        // Serializing a string and a JSON value cannot fail.
        let _ = serde_json::to_writer(frame.payload(), &Body { message, data });
        Packet(Frames::One([frame.finish_text()]))
    }

    pub(crate) fn disconnect(namespace: &str) -> Packet {
        Packet(Frames::One([begin(Kind::Disconnect, 0, namespace, None, 0).finish_text()]))
    }

    pub(crate) fn frames(&self) -> &[Frame] {
        match &self.0 {
            Frames::One(one) => one,
            Frames::Many(many) => many,
        }
    }

    /// Returns the packet's text, without the Engine.IO packet type.
    pub fn text(&self) -> &str {
        str::from_utf8(&self.frames()[0].payload_bytes()[1..]).unwrap_or_default()
    }

    /// Returns the length of the packet on a WebSocket in bytes.
    pub fn wire_len(&self) -> usize {
        self.frames().iter().map(Frame::len).sum()
    }
}

/// Returns the JSON value that represents the binary attachment with index `num`.
pub fn placeholder(num: usize) -> Value {
    serde_json::json!({ "_placeholder": true, "num": num })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
}

fn begin(kind: Kind, attachments: usize, namespace: &str, id: Option<u64>, room: usize) -> FrameBuilder {
    let digit = match kind {
        Kind::Connect => b'0',
        Kind::Disconnect => b'1',
        Kind::Event if attachments > 0 => b'5',
        Kind::Event => b'2',
        Kind::Ack if attachments > 0 => b'6',
        Kind::Ack => b'3',
        Kind::ConnectError => b'4',
    };
    let mut frame = FrameBuilder::with_capacity(namespace.len() + room);
    let out = frame.payload();
    out.extend_from_slice(&[b'4', digit]);
    // Writing into a vector cannot fail.
    if attachments > 0 {
        let _ = write!(out, "{attachments}-");
    }
    if namespace != "/" {
        let _ = write!(out, "{namespace},");
    }
    if let Some(id) = id {
        let _ = write!(out, "{id}");
    }
    frame
}

fn push_name(frame: &mut FrameBuilder, name: &str) {
    // Serializing a string cannot fail.
    let _ = serde_json::to_writer(frame.payload(), name);
}

/// Appends arguments: the elements if `args` serializes to an array, else the single value.
fn push_args(out: &mut Vec<u8>, args: &(impl Serialize + ?Sized), after_name: bool) -> Result<(), EncodeError> {
    let comma = out.len();
    out.push(b',');
    let start = out.len();
    serde_json::to_writer(&mut *out, args)?;
    // Serialized directly into the output; the brackets of an array are then removed in place.
    let mut empty = false;
    if out[start] == b'[' {
        out.remove(start);
        out.pop();
        empty = out.len() == start;
    }
    if empty || !after_name {
        out.remove(comma);
    }
    Ok(())
}

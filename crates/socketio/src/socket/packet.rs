//! Socket.IO packets, the content of Engine.IO messages; see [Socket.IO protocol, Packet
//! encoding](https://socket.io/docs/v4/socket-io-protocol/#packet-encoding).

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::engine::EngineFrame;
use crate::engine::frame::FrameBuilder;

/// Arguments of an event or acknowledgement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventArgs {
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
pub struct EventPacket(PacketFrames);

#[derive(Clone, Debug)]
enum PacketFrames {
    One([EngineFrame; 1]),
    Many(Arc<[EngineFrame]>),
}

impl EventPacket {
    /// Encodes an event. If `args` serializes to a JSON array, its elements are the arguments; any other value is the
    /// only argument. To send an array as one argument, wrap it: `&(list,)`.
    pub fn event(namespace: &str, name: &str, args: &(impl Serialize + ?Sized)) -> Result<EventPacket, EncodeError> {
        EventPacket::with_attachments(namespace, name, args, &[])
    }

    /// Encodes an event with one argument that is JSON text already; it is copied without validation.
    pub fn event_raw(namespace: &str, name: &str, json: &str) -> EventPacket {
        let mut frame = begin(PacketKind::Event, 0, namespace, None, json.len() + name.len() + 8);
        frame.payload().push(b'[');
        push_name(&mut frame, name);
        frame.payload().push(b',');
        frame.payload().extend_from_slice(json.as_bytes());
        frame.payload().push(b']');
        EventPacket(PacketFrames::One([frame.finish_text()]))
    }

    /// Like [`Self::event`], with binary data in place of [`placeholder`]s in `args`.
    pub fn with_attachments(
        namespace: &str,
        name: &str,
        args: &(impl Serialize + ?Sized),
        attachments: &[Bytes],
    ) -> Result<EventPacket, EncodeError> {
        EventPacket::encode(PacketKind::Event, namespace, None, Some(name), args, attachments)
    }

    pub(crate) fn encode(
        kind: PacketKind,
        namespace: &str,
        id: Option<u64>,
        name: Option<&str>,
        args: &(impl Serialize + ?Sized),
        attachments: &[Bytes],
    ) -> Result<EventPacket, EncodeError> {
        let mut frame = begin(kind, attachments.len(), namespace, id, 64);
        frame.payload().push(b'[');
        if let Some(name) = name {
            push_name(&mut frame, name);
        }
        push_args(frame.payload(), args, name.is_some())?;
        frame.payload().push(b']');
        let head = frame.finish_text();
        if attachments.is_empty() {
            return Ok(EventPacket(PacketFrames::One([head])));
        }
        let attachments = attachments.iter().map(|data| EngineFrame::binary(data));
        Ok(EventPacket(PacketFrames::Many(std::iter::once(head).chain(attachments).collect())))
    }

    /// Encodes the response to a CONNECT packet.
    pub(crate) fn connect(namespace: &str, sid: &str) -> EventPacket {
        let mut frame = begin(PacketKind::Connect, 0, namespace, None, 40);
        // Ids contain no characters that JSON escapes, and writing to a vector cannot fail.
        let _ = write!(frame.payload(), "{{\"sid\":\"{sid}\"}}");
        EventPacket(PacketFrames::One([frame.finish_text()]))
    }

    /// Encodes the rejection of a CONNECT packet.
    pub(crate) fn connect_error(namespace: &str, message: &str, data: Option<&Value>) -> EventPacket {
        #[derive(Serialize)]
        struct PacketBody<'a> {
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            data: Option<&'a Value>,
        }
        let mut frame = begin(PacketKind::ConnectError, 0, namespace, None, 64);
        // Serializing a string and a JSON value cannot fail.
        let _ = serde_json::to_writer(frame.payload(), &PacketBody { message, data });
        EventPacket(PacketFrames::One([frame.finish_text()]))
    }

    pub(crate) fn disconnect(namespace: &str) -> EventPacket {
        EventPacket(PacketFrames::One([begin(PacketKind::Disconnect, 0, namespace, None, 0).finish_text()]))
    }

    pub(crate) fn frames(&self) -> &[EngineFrame] {
        match &self.0 {
            PacketFrames::One(one) => one,
            PacketFrames::Many(many) => many,
        }
    }

    /// Returns the packet's text, without the Engine.IO packet type.
    pub fn text(&self) -> &str {
        str::from_utf8(&self.frames()[0].payload_bytes()[1..]).unwrap_or_default()
    }

    /// Returns the length of the packet on a WebSocket in bytes.
    pub fn wire_len(&self) -> usize {
        self.frames().iter().map(EngineFrame::len).sum()
    }
}

/// Returns the JSON value that represents the binary attachment with index `num`.
pub fn placeholder(num: usize) -> Value {
    serde_json::json!({ "_placeholder": true, "num": num })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PacketKind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
}

fn begin(kind: PacketKind, attachments: usize, namespace: &str, id: Option<u64>, room: usize) -> FrameBuilder {
    let digit = match kind {
        PacketKind::Connect => b'0',
        PacketKind::Disconnect => b'1',
        PacketKind::Event if attachments > 0 => b'5',
        PacketKind::Event => b'2',
        PacketKind::Ack if attachments > 0 => b'6',
        PacketKind::Ack => b'3',
        PacketKind::ConnectError => b'4',
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

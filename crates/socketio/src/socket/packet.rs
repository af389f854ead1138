//! Socket.IO packets: what is inside an Engine.IO message.
//!
//! Shapes: [Socket.IO protocol, "Packet encoding"](https://socket.io/docs/v4/socket-io-protocol/#packet-encoding).

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::engine::EngineFrame;
use crate::engine::frame::FrameBuilder;

/// The arguments of an event or of an acknowledgement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventArgs {
    /// The JSON values. Binary data shows as `{"_placeholder":true,"num":n}`, where `n` counts
    /// [`Self::attachments`].
    pub values: Vec<Value>,
    /// The binary data.
    pub attachments: Vec<Bytes>,
}

/// The arguments cannot be written as JSON.
#[derive(Debug, Error)]
#[error("the arguments cannot be written as JSON: {0}")]
pub struct EncodeError(#[from] serde_json::Error);

/// An event encoded once, to be sent to any number of sockets.
///
/// Clones share the bytes, which are at the same time the WebSocket frame and the text of a
/// polling payload. A packet belongs to the namespace it was made for.
#[derive(Clone, Debug)]
pub struct EventPacket(PacketFrames);

#[derive(Clone, Debug)]
enum PacketFrames {
    One([EngineFrame; 1]),
    Many(Arc<[EngineFrame]>),
}

impl EventPacket {
    /// An event. `args` that serialise to a JSON array are the list of arguments; anything else
    /// is the only argument. To send one array, wrap it: `&(list,)`.
    pub fn event(namespace: &str, name: &str, args: &(impl Serialize + ?Sized)) -> Result<EventPacket, EncodeError> {
        EventPacket::with_attachments(namespace, name, args, &[])
    }

    /// An event with one argument that is JSON already; it is copied as it stands.
    pub fn event_raw(namespace: &str, name: &str, json: &str) -> EventPacket {
        let mut frame = begin(PacketKind::Event, 0, namespace, None, json.len() + name.len() + 8);
        frame.payload().push(b'[');
        push_name(&mut frame, name);
        frame.payload().push(b',');
        frame.payload().extend_from_slice(json.as_bytes());
        frame.payload().push(b']');
        EventPacket(PacketFrames::One([frame.finish_text()]))
    }

    /// As [`Self::event`], with binary data where `args` has [`placeholder`]s.
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

    /// The answer to a CONNECT.
    pub(crate) fn connect(namespace: &str, sid: &str) -> EventPacket {
        let mut frame = begin(PacketKind::Connect, 0, namespace, None, 40);
        // Ids hold nothing that JSON would escape, and a vector takes every write.
        let _ = write!(frame.payload(), "{{\"sid\":\"{sid}\"}}");
        EventPacket(PacketFrames::One([frame.finish_text()]))
    }

    /// The refusal of a CONNECT.
    pub(crate) fn connect_error(namespace: &str, message: &str, data: Option<&Value>) -> EventPacket {
        #[derive(Serialize)]
        struct PacketBody<'a> {
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            data: Option<&'a Value>,
        }
        let mut frame = begin(PacketKind::ConnectError, 0, namespace, None, 64);
        // A string and a JSON value always can be written.
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

    /// The packet's text, without the Engine.IO type in front.
    pub fn text(&self) -> &str {
        str::from_utf8(&self.frames()[0].payload_bytes()[1..]).unwrap_or_default()
    }

    /// The bytes the packet takes on a WebSocket.
    pub fn wire_len(&self) -> usize {
        self.frames().iter().map(EngineFrame::len).sum()
    }
}

/// The JSON value that stands for the binary attachment number `num`.
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
    // A string can always be written.
    let _ = serde_json::to_writer(frame.payload(), name);
}

/// Appends arguments: the elements of what serialises to an array, or the one value.
fn push_args(out: &mut Vec<u8>, args: &(impl Serialize + ?Sized), after_name: bool) -> Result<(), EncodeError> {
    let comma = out.len();
    out.push(b',');
    let start = out.len();
    serde_json::to_writer(&mut *out, args)?;
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

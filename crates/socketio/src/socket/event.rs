//! What a client sends, on its way to the handlers of a socket.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::handle::{SendError, Socket};
use super::packet::{EventArgs, EventPacket, PacketKind};
use crate::reason::DisconnectReason;

/// An event a client sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct ClientEvent {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub args: EventArgs,
    /// Where to send the acknowledgement, when the client asked for one.
    pub ack: Option<AckSender>,
}

/// The right to acknowledge an event, once; dropping it sends nothing.
#[derive(Debug)]
pub struct AckSender {
    pub(crate) socket: Socket,
    pub(crate) id: u64,
}

/// Something for a socket's handlers.
pub(crate) enum SocketJob {
    /// The client asks to join; always the first.
    Connect(Value),
    /// An event.
    Event(ClientEvent),
    /// The socket was connected and is so no longer; always the last.
    Disconnect(DisconnectReason),
}

/// What a socket's handlers have before them.
#[derive(Default)]
pub(crate) struct JobQueue {
    queue: VecDeque<(SocketJob, usize)>,
    running: bool,
}

impl AckSender {
    /// Acknowledges with arguments, read as [`EventPacket::event`] reads them.
    pub fn send(self, args: &(impl Serialize + ?Sized)) -> Result<(), SendError> {
        self.send_with_attachments(args, &[])
    }

    /// Acknowledges with arguments that refer to binary data.
    pub fn send_with_attachments(
        self,
        args: &(impl Serialize + ?Sized),
        attachments: &[Bytes],
    ) -> Result<(), SendError> {
        let namespace = self.socket.namespace().name();
        let packet = EventPacket::encode(PacketKind::Ack, namespace, Some(self.id), None, args, attachments)?;
        self.socket.send_or_cut_off(&packet)
    }
}

impl JobQueue {
    /// Appends a job. Returns whether the caller has to run the queue.
    pub(super) fn push(&mut self, job: SocketJob, bytes: usize) -> bool {
        self.queue.push_back((job, bytes));
        !std::mem::replace(&mut self.running, true)
    }

    /// Takes the next job. After `None` nothing runs the queue, until [`Self::push`] returns true.
    pub(super) fn next(&mut self) -> Option<(SocketJob, usize)> {
        let job = self.queue.pop_front();
        if job.is_none() {
            // An idle socket keeps no memory for events that may never come.
            *self = JobQueue::default();
        }
        job
    }
}

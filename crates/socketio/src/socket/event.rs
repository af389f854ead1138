//! Events from a client, queued for the handlers of a socket.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::handle::{SendError, Socket};
use super::packet::{EventArgs, EventPacket, PacketKind};
use crate::reason::DisconnectReason;

/// An event received from a client.
#[derive(Debug)]
#[non_exhaustive]
pub struct ClientEvent {
    /// Event name.
    pub name: String,
    /// Arguments.
    pub args: EventArgs,
    /// For sending the acknowledgement, if the client requested one.
    pub ack: Option<AckSender>,
}

/// Permission to acknowledge an event once; dropping it sends nothing.
#[derive(Debug)]
pub struct AckSender {
    pub(crate) socket: Socket,
    pub(crate) id: u64,
}

/// Work for a socket's handlers.
pub(crate) enum SocketJob {
    /// The client wants to join the namespace; always the first job.
    Connect(Value),
    /// The client sent an event.
    Event(ClientEvent),
    /// A connected socket was disconnected; always the last job.
    Disconnect(DisconnectReason),
}

/// Jobs queued for a socket's handlers.
#[derive(Default)]
pub(crate) struct JobQueue {
    queue: VecDeque<(SocketJob, usize)>,
    running: bool,
}

impl AckSender {
    /// Sends the acknowledgement, with arguments encoded as by [`EventPacket::event`].
    pub fn send(self, args: &(impl Serialize + ?Sized)) -> Result<(), SendError> {
        self.send_with_attachments(args, &[])
    }

    /// Sends the acknowledgement, with arguments that refer to binary attachments.
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
    /// Appends a job. Returns whether the caller must start a task that processes the queue.
    pub(super) fn push(&mut self, job: SocketJob, bytes: usize) -> bool {
        self.queue.push_back((job, bytes));
        !std::mem::replace(&mut self.running, true)
    }

    /// Removes the next job. After `None` the queue counts as idle, until [`Self::push`] returns true.
    pub(super) fn next(&mut self) -> Option<(SocketJob, usize)> {
        let job = self.queue.pop_front();
        if job.is_none() {
            // Releases the memory, since most sockets are idle.
            *self = JobQueue::default();
        }
        job
    }
}

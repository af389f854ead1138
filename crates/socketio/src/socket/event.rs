//! What a client sends, on its way to the handlers of a socket.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::handle::{SendError, Socket};
use super::packet::{Args, Kind, Packet};
use crate::reason::DisconnectReason;

/// An event a client sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub args: Args,
    /// Where to send the acknowledgement, when the client asked for one.
    pub ack: Option<Ack>,
}

/// The right to acknowledge an event, once; dropping it sends nothing.
#[derive(Debug)]
pub struct Ack {
    pub(crate) socket: Socket,
    pub(crate) id: u64,
}

/// Something for a socket's handlers.
pub(crate) enum Job {
    /// The client asks to join; always the first.
    Connect(Value),
    /// An event.
    Event(Event),
    /// The socket was connected and is so no longer; always the last.
    Disconnect(DisconnectReason),
}

/// What a socket's handlers have before them.
#[derive(Default)]
pub(crate) struct Jobs {
    queue: VecDeque<(Job, usize)>,
    running: bool,
}

impl Ack {
    /// Acknowledges with arguments, read as [`Packet::event`] reads them.
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
        let packet = Packet::encode(Kind::Ack, namespace, Some(self.id), None, args, attachments)?;
        self.socket.send_or_cut_off(&packet)
    }
}

impl Jobs {
    /// Appends a job. Returns whether the caller has to run the queue.
    pub(super) fn push(&mut self, job: Job, bytes: usize) -> bool {
        self.queue.push_back((job, bytes));
        !std::mem::replace(&mut self.running, true)
    }

    /// Takes the next job. After `None` nothing runs the queue, until [`Self::push`] returns true.
    pub(super) fn next(&mut self) -> Option<(Job, usize)> {
        let job = self.queue.pop_front();
        if job.is_none() {
            // An idle socket keeps no memory for events that may never come.
            *self = Jobs::default();
        }
        job
    }
}

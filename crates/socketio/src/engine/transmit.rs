//! Sending frames: directly to the kernel, or to the queue if the kernel's buffer is full.

use std::io::IoSlice;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use tokio::time::Instant;

use super::core::EngineCore;
use super::frame::EngineFrame;
use super::outbox::MAX_SLICES;
use super::session::{EngineSession, SessionState};
use super::session_state::{SessionLink, SessionPhase};
use super::wire::{ConnectionWire, DirectWriter};
use crate::reason::DisconnectReason;

/// What the connection task should do after a flush.
pub(crate) enum FlushResult {
    Live,
    /// The session has ended and everything was written.
    Finished,
    Dead,
}

impl EngineSession {
    /// Writes frames directly from the calling thread if nothing is queued, and queues what the kernel does not accept.
    /// The caller holds the lock, so frames of concurrent senders do not interleave.
    pub(super) fn transmit(&self, state: &mut SessionState, frames: &[EngineFrame]) {
        let mut written = 0;
        let idle = state.outbox.is_empty();
        if idle
            && !state.corked
            && let SessionLink::WebSocket(Some(writer)) = &state.link
        {
            written = write_now(writer, frames);
            self.core.counters.bytes_sent.fetch_add(written as u64, Relaxed);
            if written == frames.iter().map(EngineFrame::len).sum::<usize>() {
                return;
            }
        }
        let before = state.outbox.bytes();
        for frame in frames {
            state.outbox.push(frame.clone());
        }
        state.outbox.advance(written);
        self.core.counters.queued_bytes.fetch_add(state.outbox.bytes() - before, Relaxed);
        if idle && !state.corked {
            state.begin_waiting();
        }
    }

    /// Runs `act` and sends everything it queues in one system call.
    pub(crate) fn gather<T>(&self, act: impl FnOnce() -> T) -> T {
        {
            let mut state = self.lock();
            // If something is queued already, the connection task will write it together with what follows.
            state.corked = state.outbox.is_empty();
        }
        let done = act();
        let mut state = self.lock();
        if std::mem::take(&mut state.corked) && !state.outbox.is_empty() {
            self.write_gathered(&mut state);
            if !state.outbox.is_empty() {
                state.begin_waiting();
            }
            drop(state);
            // Senders may be waiting for the queue to become empty.
            self.changed.notify_waiters();
        }
        done
    }

    /// Writes the gathered frames, as far as the kernel accepts them.
    fn write_gathered(&self, state: &mut SessionState) {
        let SessionState { outbox, link: SessionLink::WebSocket(Some(writer)), .. } = state else { return };
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let used = outbox.slices(&mut slices);
        let written = writer.try_write(&slices[..used]);
        outbox.advance(written);
        if written > 0 {
            state.took(written, &self.core);
        }
    }

    /// Like [`Self::transmit`] for one frame, but ahead of the queue.
    pub(super) fn transmit_urgent(&self, state: &mut SessionState, frame: EngineFrame) {
        if state.outbox.is_empty() {
            self.transmit(state, &[frame]);
        } else {
            self.core.counters.queued_bytes.fetch_add(frame.len(), Relaxed);
            state.outbox.push_urgent(frame);
        }
    }

    /// Writes queued frames, and registers the task to be woken.
    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>, wire: &mut ConnectionWire) -> FlushResult {
        let mut state = self.lock();
        // Registered before writing: frames queued by other threads from now on wake the task.
        state.watch(cx);
        if state.phase == SessionPhase::Closed {
            return FlushResult::Dead;
        }
        let before = state.outbox.bytes();
        let mut broken = false;
        while !state.outbox.is_empty() {
            let SessionState { outbox, link, .. } = &mut *state;
            let writer = if let SessionLink::WebSocket(writer) = link { writer.as_ref() } else { None };
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let used = outbox.slices(&mut slices);
            match wire.poll_write(writer, cx, &slices[..used]) {
                Poll::Ready(Ok(count)) if count > 0 => outbox.advance(count),
                // Nothing accepted means that the connection is closed.
                Poll::Ready(_) => {
                    broken = true;
                    break;
                }
                Poll::Pending => break,
            }
        }
        let sent = before - state.outbox.bytes();
        if sent > 0 {
            state.took(sent, &self.core);
        }
        broken |= matches!(wire.poll_flush(cx), Poll::Ready(Err(_)));
        let finished = state.outbox.is_empty() && matches!(state.phase, SessionPhase::Flushing(_));
        if finished {
            self.shut(&mut state);
        }
        drop(state);
        if sent > 0 {
            self.changed.notify_waiters();
        }
        if broken {
            self.abort(DisconnectReason::TransportError);
            return FlushResult::Dead;
        }
        if finished { FlushResult::Finished } else { FlushResult::Live }
    }

    /// Answers a WebSocket ping, unless the peer sends pings faster than it reads pongs.
    pub(super) fn answer_ping(&self, data: &[u8]) {
        let pong = EngineFrame::pong(data);
        let mut state = self.lock();
        if state.phase == SessionPhase::Open && state.outbox.bytes() + pong.len() <= self.core.config.queue_bytes {
            self.transmit_urgent(&mut state, pong);
        }
    }

    pub(super) fn transport_gauge(&self) -> &AtomicUsize {
        self.transport_gauge_of(&self.lock().link)
    }

    pub(super) fn transport_gauge_of(&self, link: &SessionLink) -> &AtomicUsize {
        match link {
            SessionLink::Polling(_) => &self.core.counters.polling,
            SessionLink::WebSocket(_) => &self.core.counters.websocket,
        }
    }
}

impl SessionState {
    /// Called when the queue becomes non-empty: wakes a pending poll, or starts the write deadline and wakes the task.
    fn begin_waiting(&mut self) {
        if let SessionLink::Polling(polling) = &mut self.link
            && polling.parked
        {
            if let Some(waker) = polling.waker.take() {
                waker.wake();
            }
            return;
        }
        self.stalled_since = Some(Instant::now());
        self.wake_task();
    }

    /// Accounts for `count` queued bytes accepted by the peer.
    pub(super) fn took(&mut self, count: usize, core: &EngineCore) {
        core.counters.queued_bytes.fetch_sub(count, Relaxed);
        core.counters.bytes_sent.fetch_add(count as u64, Relaxed);
        self.fetched();
    }

    /// Records that the peer accepted data, which proves that it is alive.
    pub(super) fn fetched(&mut self) {
        let now = Instant::now();
        self.progress = Some(now);
        // Any progress restarts the write deadline.
        self.stalled_since = (!self.outbox.is_empty()).then_some(now);
    }

    /// Sets the task to be woken.
    pub(super) fn watch(&mut self, cx: &Context<'_>) {
        match &mut self.task {
            Some(task) => task.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }

    /// Wakes the task, which then checks the timeouts.
    pub(super) fn wake_task(&self) {
        if let Some(task) = &self.task {
            task.wake_by_ref();
        }
    }

    pub(super) fn wake_all(&mut self) {
        self.wake_task();
        if let SessionLink::Polling(polling) = &mut self.link
            && let Some(waker) = polling.waker.take()
        {
            waker.wake();
        }
    }
}

fn write_now(writer: &DirectWriter, frames: &[EngineFrame]) -> usize {
    // The common case, without an array of slices.
    if let [only] = frames {
        return writer.try_write(&[IoSlice::new(only.wire())]);
    }
    let mut slices = [IoSlice::new(&[]); MAX_SLICES];
    let mut used = 0;
    // Frames beyond MAX_SLICES are not written here; the caller queues them.
    for (slot, frame) in slices.iter_mut().zip(frames) {
        *slot = IoSlice::new(frame.wire());
        used += 1;
    }
    writer.try_write(&slices[..used])
}

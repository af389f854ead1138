//! Runs the handlers of a socket sequentially.
//!
//! An idle socket has no task: one is spawned when there is work and ends when the queue is empty.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::FutureExt as _;
use serde_json::Value;

use super::event::{ClientEvent, SocketJob};
use super::handle::Socket;
use super::namespace::ConnectRequest;
use super::refusal::ConnectRefusal;

impl Socket {
    /// Queues a job that counts as `bytes` bytes. Connecting and disconnecting count as well: a client that does
    /// nothing else must not get ahead of its handlers either.
    pub(crate) fn enqueue(&self, job: SocketJob, bytes: usize) {
        if self.push_job(job, bytes) {
            // Boxed, so that the task is no larger than this future.
            self.session().core.spawn(Box::pin(run(self.clone())));
        }
    }

    /// Like [`Self::enqueue`], for callers that hold no lock that handlers need: the work is started immediately, and
    /// only becomes a task if it has to wait. This saves thousands of tasks when many clients connect or disconnect.
    pub(crate) fn enqueue_at_once(&self, job: SocketJob, bytes: usize) {
        if self.push_job(job, bytes) {
            let mut work = Box::pin(run(self.clone()));
            if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                self.session().core.spawn(work);
            }
        }
    }

    /// Queues a job; returns whether the caller must run the queue.
    fn push_job(&self, job: SocketJob, bytes: usize) -> bool {
        self.session().begin_work(bytes);
        self.jobs().push(job, bytes)
    }

    /// Returns the next job. A separate function, because in the head of a loop the lock guard would live as long as
    /// the body.
    fn next_job(&self) -> Option<(SocketJob, usize)> {
        self.jobs().next()
    }
}

async fn run(socket: Socket) {
    while let Some((job, bytes)) = socket.next_job() {
        match job {
            SocketJob::Connect(auth) => connect(&socket, auth).await,
            SocketJob::Event(event) => handle(&socket, event).await,
            SocketJob::Disconnect(reason) => {
                let handlers = socket.namespace().handlers();
                if let Some(handler) = &handlers.disconnect {
                    guarded(&socket, || handler(socket.clone(), reason)).await;
                }
                // After the handler, which may still look up the socket's rooms.
                socket.namespace().rooms_mut().remove(&socket);
            }
        }
        socket.session().finish_work(bytes);
    }
}

async fn connect(socket: &Socket, auth: Value) {
    let handlers = socket.namespace().handlers();
    let request = ConnectRequest { auth: Arc::new(auth), socket: socket.clone() };
    for check in &handlers.middleware {
        let verdict = guarded(socket, || check(request.clone())).await;
        let refusal = match verdict {
            Some(Ok(())) => continue,
            Some(Err(refusal)) => refusal,
            None => ConnectRefusal::new("internal error"),
        };
        return socket.refuse(&refusal);
    }
    let mut entering = pin!(async {
        if socket.accept()
            && let Some(handler) = &handlers.connect
        {
            guarded(socket, || handler(socket.clone())).await;
        }
    });
    // Packets sent by the handler before it first waits are written together with the response.
    let begun = poll_fn(|cx| Poll::Ready(socket.session().gather(|| entering.as_mut().poll(cx)))).await;
    if begun.is_pending() {
        entering.await;
    }
}

async fn handle(socket: &Socket, event: ClientEvent) {
    let handlers = socket.namespace().handlers();
    if let Some(handler) = handlers.events.get(&event.name).or(handlers.any.as_ref()) {
        guarded(socket, || handler(socket.clone(), event)).await;
    }
}

/// Runs a handler; if it panics, only its own socket is disconnected.
async fn guarded<T, R>(socket: &Socket, handler: impl FnOnce() -> R) -> Option<T>
where
    R: Future<Output = T>,
{
    // Also catches a panic before the handler returns its future.
    let outcome = AssertUnwindSafe(async { handler().await }).catch_unwind().await;
    if outcome.is_err() {
        tracing::error!(socket = %socket.id(), namespace = socket.namespace().name(), "a handler panicked");
        socket.disconnect();
    }
    outcome.ok()
}

//! Runs a socket's handlers strictly one after the other.
//!
//! There is no task for an idle socket: one is spawned when there is something to do and ends
//! when nothing is left.

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
    /// Hands a job over that counts for so many bytes. Joining and leaving count too: a client
    /// that does nothing else must not get ahead of its handlers either.
    pub(crate) fn enqueue(&self, job: SocketJob, bytes: usize) {
        if self.push_job(job, bytes) {
            // On the heap, where it has its own size and no more.
            self.session().core.spawn(Box::pin(run(self.clone())));
        }
    }

    /// The same by whoever has nothing locked that handlers need: what can be done at once is done here and now. When
    /// thousands come or go, there are not as many tasks.
    pub(crate) fn enqueue_at_once(&self, job: SocketJob, bytes: usize) {
        if self.push_job(job, bytes) {
            let mut work = Box::pin(run(self.clone()));
            if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                self.session().core.spawn(work);
            }
        }
    }

    /// Puts a job behind those that wait; whether the caller is to see that they are run.
    fn push_job(&self, job: SocketJob, bytes: usize) -> bool {
        self.session().begin_work(bytes);
        self.jobs().push(job, bytes)
    }

    /// The next job, with nothing locked any more: in the head of a loop, the guard would live as long as its body.
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
    // What the handler sends at once travels with the answer.
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

/// Runs a handler; one that panics costs its own socket the connection and nobody else.
async fn guarded<T, R>(socket: &Socket, handler: impl FnOnce() -> R) -> Option<T>
where
    R: Future<Output = T>,
{
    // A handler may panic before it has made its future, too.
    let outcome = AssertUnwindSafe(async { handler().await }).catch_unwind().await;
    if outcome.is_err() {
        tracing::error!(socket = %socket.id(), namespace = socket.namespace().name(), "a handler panicked");
        socket.disconnect();
    }
    outcome.ok()
}

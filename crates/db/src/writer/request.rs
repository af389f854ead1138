//! Requests to the writer.

use tokio::sync::oneshot;

use super::transaction::{BoxFuture, WriteContext};

/// Work for the writer: an async closure whose future is `Send`. `AsyncFnOnce` cannot express that bound, so functions
/// that accept closures require both traits; `AsyncFnOnce` is needed for type inference.
pub trait WriteWork<C: WriteContext, T>: for<'t> WriteWorkOn<'t, C, T> + Send + 'static {}

impl<C: WriteContext, T, F: for<'t> WriteWorkOn<'t, C, T> + Send + 'static> WriteWork<C, T> for F {}

/// [`WriteWork`] for one lifetime of the transaction.
pub trait WriteWorkOn<'t, C: WriteContext + 't, T>: FnOnce(&'t mut C) -> Self::Running {
    /// The future of the running work.
    type Running: Future<Output = Result<T, C::Error>> + Send + 't;
}

impl<'t, C, T, F, R> WriteWorkOn<'t, C, T> for F
where
    C: WriteContext + 't,
    F: FnOnce(&'t mut C) -> R,
    R: Future<Output = Result<T, C::Error>> + Send + 't,
{
    type Running = R;
}

/// A request with its result type erased.
pub trait WriteJob<C: WriteContext>: Send {
    /// Executes the work in the open transaction.
    fn run(self: Box<Self>, tx: &mut C) -> BoxFuture<'_, PendingAnswer<C::Error>>;
    /// Answers with an error without executing the work.
    fn refuse(self: Box<Self>, error: C::Error);
    /// Returns whether the caller no longer waits for the answer.
    fn is_abandoned(&self) -> bool;
}

/// Work that was executed but not committed yet.
pub struct PendingAnswer<E> {
    pub(super) failure: Option<E>,
    pub(super) answer: AnswerSender<E>,
}

/// Sends the result to the caller once the outcome of the commit is known.
pub(super) type AnswerSender<E> = Box<dyn FnOnce(Result<(), E>) + Send>;

/// A request with a typed result.
pub struct WriteRequest<T, E, F> {
    work: F,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> WriteRequest<T, E, F> {
    /// Creates a request and the receiver of its result.
    pub fn new(work: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (answer, answered) = oneshot::channel();
        (Self { work, answer }, answered)
    }
}

impl<C, T, F> WriteJob<C> for WriteRequest<T, C::Error, F>
where
    C: WriteContext,
    T: Send + 'static,
    F: WriteWork<C, T>,
{
    fn run(self: Box<Self>, tx: &mut C) -> BoxFuture<'_, PendingAnswer<C::Error>> {
        let Self { work, answer } = *self;
        Box::pin(async move {
            let result = work(tx).await;
            let failure = result.as_ref().err().cloned();
            // A caller that has gone away misses the answer; the work still takes effect.
            let answer = move |committed: Result<(), C::Error>| drop(answer.send(committed.and(result)));
            PendingAnswer { failure, answer: Box::new(answer) }
        })
    }

    fn refuse(self: Box<Self>, error: C::Error) {
        drop(self.answer.send(Err(error)));
    }

    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }
}

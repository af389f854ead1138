//! What is asked of the writer.

use tokio::sync::oneshot;

use super::transaction::{BoxFuture, WriteContext};

/// Work for the writer: an async closure whose future is `Send`. `AsyncFnOnce` alone cannot say so of its future, so it is a bound
/// beside this one wherever closures are passed, to let their types be inferred.
pub trait WriteWork<C: WriteContext, T>: for<'t> WriteWorkOn<'t, C, T> + Send + 'static {}

impl<C: WriteContext, T, F: for<'t> WriteWorkOn<'t, C, T> + Send + 'static> WriteWork<C, T> for F {}

/// [`WriteWork`] with the lifetime of the transaction that it is given.
pub trait WriteWorkOn<'t, C: WriteContext + 't, T>: FnOnce(&'t mut C) -> Self::Running {
    /// The work while it runs.
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

/// A request, whatever its answer.
pub trait WriteJob<C: WriteContext>: Send {
    /// Does the work inside the open transaction.
    fn run(self: Box<Self>, tx: &mut C) -> BoxFuture<'_, PendingAnswer<C::Error>>;
    /// Answers that the work was not done.
    fn refuse(self: Box<Self>, error: C::Error);
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
}

/// Work that was done but not yet committed.
pub struct PendingAnswer<E> {
    pub(super) failure: Option<E>,
    pub(super) answer: AnswerSender<E>,
}

/// Tells the caller, once it is known whether the commit succeeded.
pub(super) type AnswerSender<E> = Box<dyn FnOnce(Result<(), E>) + Send>;

/// A request that has an answer of one type.
pub struct WriteRequest<T, E, F> {
    work: F,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> WriteRequest<T, E, F> {
    /// The request, and where it will be answered.
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
            // A caller who has gone away misses the answer, not the work.
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

//! What is asked of the writer.

use tokio::sync::oneshot;

use super::transaction::{BoxFuture, WriteContext};

/// A request, whatever its answer.
pub trait Job<C: WriteContext>: Send {
    /// Does the work inside the open transaction.
    fn run(self: Box<Self>, tx: &mut C) -> BoxFuture<'_, Done<C::Error>>;
    /// Answers that the work was not done.
    fn refuse(self: Box<Self>, error: C::Error);
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
}

/// Work that was done but not yet committed.
pub struct Done<E> {
    pub(super) failure: Option<E>,
    pub(super) answer: Answer<E>,
}

/// Tells the caller, once it is known whether the commit succeeded.
pub(super) type Answer<E> = Box<dyn FnOnce(Result<(), E>) + Send>;

/// A request that has an answer of one type.
pub struct Request<T, E, F> {
    work: F,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Request<T, E, F> {
    /// The request, and where it will be answered.
    pub fn new(work: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (answer, answered) = oneshot::channel();
        (Self { work, answer }, answered)
    }
}

impl<C, T, F> Job<C> for Request<T, C::Error, F>
where
    C: WriteContext,
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut C) -> BoxFuture<'t, Result<T, C::Error>> + Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut C) -> BoxFuture<'_, Done<C::Error>> {
        let Self { work, answer } = *self;
        Box::pin(async move {
            let result = work(tx).await;
            let failure = result.as_ref().err().cloned();
            // A caller who has gone away misses the answer, not the work.
            let answer = move |committed: Result<(), C::Error>| drop(answer.send(committed.and(result)));
            Done { failure, answer: Box::new(answer) }
        })
    }

    fn refuse(self: Box<Self>, error: C::Error) {
        drop(self.answer.send(Err(error)));
    }

    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }
}

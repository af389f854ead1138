//! What is asked of the writer.

use std::pin::Pin;

use tokio::sync::oneshot;

use crate::error::{Result, StoreError};

/// A future on the heap, as requests of different types need it.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A request, whatever its answer.
pub(crate) trait Job<C>: Send {
    /// Does the work inside the open transaction.
    fn run(self: Box<Self>, tx: &mut C) -> BoxFuture<'_, Done>;
    /// Answers that the work was not done.
    fn refuse(self: Box<Self>, error: StoreError);
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
}

/// Work that was done but not yet committed.
pub(crate) struct Done {
    pub(super) failure: Option<StoreError>,
    pub(super) answer: Answer,
}

/// Tells the caller, once it is known whether the commit succeeded.
pub(super) type Answer = Box<dyn FnOnce(Result<()>) + Send>;

pub(crate) struct Request<T, F> {
    work: F,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> Request<T, F> {
    pub(crate) fn new(work: F) -> (Self, oneshot::Receiver<Result<T>>) {
        let (answer, answered) = oneshot::channel();
        (Self { work, answer }, answered)
    }
}

impl<C, T, F> Job<C> for Request<T, F>
where
    C: Send + 'static,
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut C) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut C) -> BoxFuture<'_, Done> {
        let Self { work, answer } = *self;
        Box::pin(async move {
            let result = work(tx).await;
            let failure = result.as_ref().err().cloned();
            // A caller who has gone away misses the answer, not the work.
            let answer = move |committed: Result<()>| drop(answer.send(committed.and(result)));
            Done { failure, answer: Box::new(answer) }
        })
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        drop(self.answer.send(Err(error)));
    }

    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }
}

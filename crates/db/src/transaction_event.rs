//! Progress of the writer's transactions, reported to the watcher for commits by other processes.

/// A transition of the writer's transaction.
#[derive(Clone, Copy)]
pub enum TransactionEvent {
    /// The transaction is about to begin.
    Begins,
    /// The transaction was committed. If `appended`, it certainly wrote a WAL frame; otherwise it may have written
    /// nothing.
    Committed { appended: bool },
    /// The transaction was rolled back or lost.
    Abandoned,
}

/// Callback invoked whenever another process may have committed.
pub type OthersWrote = std::sync::Arc<dyn Fn() + Send + Sync>;

//! Steps of the writer's transactions, reported to what watches for other processes' commits.

/// What becomes of a transaction.
#[derive(Clone, Copy)]
pub enum TransactionEvent {
    /// It is about to begin.
    Begins,
    /// It was committed, and for certain written something if it has appended to the log.
    Committed { appended: bool },
    /// Nothing came of it.
    Abandoned,
}

/// Called whenever another process may have committed something.
pub type OthersWrote = std::sync::Arc<dyn Fn() + Send + Sync>;

//! The threads that hash passwords.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::Context as _;
use argon2::{Block, Params};
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// A fixed number of threads, which is the limit of hashes at once whatever clients do.
///
/// Argon2 fills 19 MiB per hash. Blocks of that size that are allocated and freed for each hash fragment glibc's heap for
/// good: after the first one is freed, its `mmap` threshold exceeds their size, and a hundred sign-ins leave 700 MB behind. So
/// each thread allocates its memory once, when it first hashes, and keeps it.
///
/// The threads end when this is dropped.
pub(super) struct HashingThreads {
    jobs: Sender<HashJob>,
}

type HashJob = Box<dyn FnOnce(&mut HashMemory) + Send>;

/// The memory of one thread.
#[derive(Default)]
pub(super) struct HashMemory {
    blocks: Vec<Block>,
    /// For hashes that need more than the thread has; dropped after each.
    extra: Vec<Block>,
}

impl HashMemory {
    /// Room for a hash of that many blocks of 1 KiB.
    pub(super) fn blocks(&mut self, count: usize) -> &mut [Block] {
        let own = Params::DEFAULT.block_count();
        if count > own {
            self.extra.resize(count, Block::new());
            return &mut self.extra;
        }
        self.blocks.resize(own, Block::new());
        &mut self.blocks
    }
}

impl HashingThreads {
    pub(super) fn start(count: usize) -> io::Result<Self> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..count {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name("password-hash".to_owned()).spawn(move || work(&queue))?;
        }
        Ok(Self { jobs })
    }

    /// Runs a job on one of the threads; one whose caller has gone away by its turn is skipped.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut HashMemory) -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: HashJob = Box::new(move |memory| {
            if !answer.is_closed() {
                let _ = answer.send(job(memory));
            }
        });
        self.jobs.send(job).ok().context("the threads that hash passwords have ended")?;
        answered.await.context("hashing a password panicked")
    }
}

fn work(queue: &Mutex<Receiver<HashJob>>) {
    let mut memory = HashMemory::default();
    loop {
        // The lock is held while waiting: the other threads then wait for the lock instead of the queue.
        let next = queue.lock().recv();
        let Ok(job) = next else { return };
        if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            tracing::error!("hashing a password panicked");
        }
        memory.extra = Vec::new();
    }
}

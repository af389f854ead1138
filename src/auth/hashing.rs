//! Threads for hashing passwords.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::Context as _;
use argon2::{Block, Params};
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// A fixed number of threads, which bounds the number of concurrent hashes.
///
/// Argon2 fills 19 MiB per hash. Allocating and freeing blocks of that size for each hash fragments glibc's heap permanently:
/// freeing the first raises its `mmap` threshold above their size, and 100 sign-ins leave 700 MB behind. Each thread
/// therefore allocates its memory once, on first use, and keeps it.
///
/// The threads end when this is dropped.
pub(super) struct HashingThreads {
    jobs: Sender<HashJob>,
}

type HashJob = Box<dyn FnOnce(&mut HashMemory) + Send>;

/// Reusable working memory of one thread.
#[derive(Default)]
pub(super) struct HashMemory {
    blocks: Vec<Block>,
    /// For hashes that need more than the thread keeps; freed after each of them.
    extra: Vec<Block>,
}

impl HashMemory {
    /// Returns working memory of `count` blocks of 1 KiB, or more.
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

    /// Runs a job on one of the threads, in FIFO order; skips it if the caller has been dropped by then.
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
        // `recv` blocks with the lock held; the other threads wait for the lock instead of the queue, with the same effect.
        let next = queue.lock().recv();
        let Ok(job) = next else { return };
        if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            tracing::error!("hashing a password panicked");
        }
        memory.extra = Vec::new();
    }
}

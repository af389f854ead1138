//! Single-threaded runtimes that connections start on, and WebSockets remain on.
//!
//! A multi-threaded runtime wakes another thread on nearly every event, in case there is more work. Handling a WebSocket's
//! message takes microseconds, less than waking a thread; a single-threaded runtime wakes none.

use std::io;
use std::num::NonZeroUsize;
use std::thread;

use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

/// The threads with their runtimes; dropping it ends them and all tasks on them.
pub struct IoThreads {
    handles: Vec<Handle>,
    threads: Vec<thread::JoinHandle<()>>,
    stop: CancellationToken,
}

impl IoThreads {
    /// Starts `count` threads.
    ///
    /// # Errors
    /// When the system has no more threads or file descriptors.
    pub fn start(count: NonZeroUsize) -> io::Result<Self> {
        let stop = CancellationToken::new();
        let mut this = Self { handles: Vec::new(), threads: Vec::new(), stop: stop.clone() };
        for _ in 0..count.get() {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            this.handles.push(runtime.handle().clone());
            let stop = stop.clone();
            let run = move || {
                runtime.block_on(stop.cancelled());
                // Does not wait for blocking tasks.
                runtime.shutdown_background();
            };
            this.threads.push(thread::Builder::new().name("sockets".to_owned()).spawn(run)?);
        }
        Ok(this)
    }

    /// Starts as many threads as leave half of the processors for everything else.
    ///
    /// # Errors
    /// Like [`Self::start`].
    pub fn for_this_machine() -> io::Result<Self> {
        Self::start(at_least_one(processors() / 2))
    }

    /// Returns a handle of each runtime, for spawning tasks on it.
    pub fn handles(&self) -> &[Handle] {
        &self.handles
    }
}

/// Returns the number of worker threads for everything else.
pub fn other_threads() -> NonZeroUsize {
    at_least_one(processors() - processors() / 2)
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

fn at_least_one(threads: usize) -> NonZeroUsize {
    NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN)
}

impl Drop for IoThreads {
    fn drop(&mut self) {
        self.stop.cancel();
        for thread in self.threads.drain(..) {
            // An error means that the thread has panicked, and so has ended.
            let _ = thread.join();
        }
    }
}

/// Registers a stream with the current runtime's reactor instead of the one it was accepted on.
pub fn bring(stream: TcpStream) -> io::Result<TcpStream> {
    TcpStream::from_std(stream.into_std()?)
}

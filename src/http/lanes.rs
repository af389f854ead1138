//! The threads that connections begin on, and that WebSockets stay on.
//!
//! A runtime of several threads wakes one more with nearly everything that happens, in case there is more to do. What a
//! WebSocket asks for takes microseconds, so that waking costs more than doing; on a thread that has its connections to
//! itself nothing else is woken.

use std::io;
use std::num::NonZeroUsize;
use std::thread;

use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

/// The threads, until dropped; what still runs on them then is dropped as well.
pub struct IoThreads {
    handles: Vec<Handle>,
    threads: Vec<thread::JoinHandle<()>>,
    stop: CancellationToken,
}

impl IoThreads {
    /// Starts so many.
    ///
    /// # Errors
    /// When the system has no more threads or descriptors.
    pub fn start(count: NonZeroUsize) -> io::Result<Self> {
        let stop = CancellationToken::new();
        let mut this = Self { handles: Vec::new(), threads: Vec::new(), stop: stop.clone() };
        for _ in 0..count.get() {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            this.handles.push(runtime.handle().clone());
            let stop = stop.clone();
            let run = move || {
                runtime.block_on(stop.cancelled());
                runtime.shutdown_background();
            };
            this.threads.push(thread::Builder::new().name("sockets".to_owned()).spawn(run)?);
        }
        Ok(this)
    }

    /// As many as leave half of the processors for all else.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn for_this_machine() -> io::Result<Self> {
        Self::start(at_least_one(processors() / 2))
    }

    /// Where to have something done by each of them.
    pub fn handles(&self) -> &[Handle] {
        &self.handles
    }
}

/// How many threads there are to be for all else.
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
            // One that panicked is gone as well.
            let _ = thread.join();
        }
    }
}

/// A stream that the runtime which this runs on looks after, in place of the one that it comes from.
pub fn bring(stream: TcpStream) -> io::Result<TcpStream> {
    TcpStream::from_std(stream.into_std()?)
}

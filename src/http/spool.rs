//! A stream of bytes between a writer and a slower reader, buffered in a file of bounded size.

use std::fs::File;
use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use futures_util::Stream;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Maximum bytes per read.
const CHUNK_BYTES: u64 = 64 << 10;

/// Budget shared by all files, in addition to a guaranteed minimum for each. Clones share it.
#[derive(Clone)]
pub struct SpoolRoom {
    shared: Arc<Semaphore>,
    own_bytes: u64,
}

/// The file, which is reused from its start whenever it has been read completely.
struct SpoolFile {
    file: File,
    /// Maximum size, in bytes.
    capacity: u64,
    room: SpoolRoom,
    /// The part of the shared budget it uses, released with the file.
    taken: Mutex<Option<OwnedSemaphorePermit>>,
    /// A value kept for the file's lifetime, which bounds the number of files.
    _place: Box<dyn Send + Sync>,
}

/// Progress of the writer, in bytes since the start of the stream.
#[derive(Clone, Copy, Default)]
struct SpoolPosition {
    bytes: u64,
    /// Offset in the stream of the file's first byte.
    file_start: u64,
    is_finished: bool,
}

/// Writing end.
pub struct SpoolWriter {
    spool: Arc<SpoolFile>,
    /// Permitted size of the file, from the minimum and the shared budget.
    granted: u64,
    written: watch::Sender<SpoolPosition>,
    read_bytes: watch::Receiver<u64>,
}

/// Reading end.
pub struct SpoolReader {
    spool: Arc<SpoolFile>,
    written: watch::Receiver<SpoolPosition>,
    read_bytes: watch::Sender<u64>,
}

impl SpoolRoom {
    /// Creates a budget of `total` bytes for at most `files` files, of which each is guaranteed `own_bytes`: a client that
    /// does not read cannot block the others.
    pub fn new(total: u64, files: usize, own_bytes: u64) -> Self {
        let shared = total.saturating_sub(own_bytes * files as u64);
        let shared = usize::try_from(shared).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { shared: Arc::new(Semaphore::new(shared)), own_bytes }
    }
}

/// Creates a stream with at most `capacity` unread bytes. `place` is dropped with the file.
///
/// # Errors
/// When the temporary file cannot be created.
pub fn spool(
    capacity: u64,
    room: SpoolRoom,
    place: impl Send + Sync + 'static,
) -> io::Result<(SpoolWriter, SpoolReader)> {
    let file = tempfile::tempfile()?;
    let granted = room.own_bytes;
    let spool = Arc::new(SpoolFile { file, capacity, room, taken: Mutex::default(), _place: Box::new(place) });
    let (written, written_here) = watch::channel(SpoolPosition::default());
    let (read_bytes, read_there) = watch::channel(0);
    let writer = SpoolWriter { spool: Arc::clone(&spool), granted, written, read_bytes: read_there };
    Ok((writer, SpoolReader { spool, written: written_here, read_bytes }))
}

impl SpoolWriter {
    /// Returns whether `bytes` can be written without waiting for this or another reader.
    pub fn has_room(&self, bytes: usize) -> bool {
        let written = *self.written.borrow();
        let unread_from = if *self.read_bytes.borrow() == written.bytes { written.bytes } else { written.file_start };
        let end = written.bytes - unread_from + bytes as u64;
        let missing = usize::try_from(end.saturating_sub(self.granted)).unwrap_or(usize::MAX);
        end <= self.spool.capacity && missing <= self.spool.room.shared.available_permits()
    }

    /// Writes bytes, waiting for room; discards them if the reader has been dropped.
    ///
    /// # Errors
    /// When writing to the file fails.
    pub async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        // In parts within each file's guaranteed minimum: a longer one might wait forever.
        let part = self.spool.room.own_bytes.min(self.spool.capacity);
        let mut rest = Bytes::from(bytes);
        let part = usize::try_from(part).unwrap_or(usize::MAX).max(1);
        while !rest.is_empty() {
            let next = rest.split_to(part.min(rest.len()));
            let Some(at) = self.place(next.len() as u64).await? else { return Ok(()) };
            let spool = Arc::clone(&self.spool);
            let length = next.len() as u64;
            tokio::task::spawn_blocking(move || spool.write(at, &next)).await??;
            self.written.send_modify(|written| written.bytes += length);
        }
        Ok(())
    }

    /// Waits for room for `bytes`, and returns their offset in the file; `None` if the reader has been dropped.
    async fn place(&mut self, bytes: u64) -> io::Result<Option<u64>> {
        loop {
            let read = *self.read_bytes.borrow_and_update();
            if read == self.written.borrow().bytes {
                self.start_again().await?;
            }
            let written = *self.written.borrow();
            let at = written.bytes - written.file_start;
            let missing = (at + bytes).saturating_sub(self.granted);
            let is_within = at + bytes <= self.spool.capacity;
            if is_within && missing == 0 {
                return Ok(Some(at));
            }
            let shared = Arc::clone(&self.spool.room.shared);
            let missing = u32::try_from(missing).unwrap_or(u32::MAX);
            // Waits for the shared budget or for the reader, whichever makes room first.
            tokio::select! {
                permit = shared.acquire_many_owned(missing), if is_within => {
                    self.spool.take(permit.map_err(io::Error::other)?);
                    self.granted += u64::from(missing);
                }
                progress = self.read_bytes.changed() => {
                    if progress.is_err() {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Reuses the file from its start after all of it has been read, and returns its share of the budget.
    async fn start_again(&mut self) -> io::Result<()> {
        self.written.send_modify(|written| written.file_start = written.bytes);
        if self.granted > self.spool.room.own_bytes {
            let spool = Arc::clone(&self.spool);
            tokio::task::spawn_blocking(move || spool.file.set_len(0)).await??;
            self.spool.give_back();
            self.granted = self.spool.room.own_bytes;
        }
        Ok(())
    }

    /// Marks the end of the stream. A writer dropped without this causes an error for the reader.
    pub fn finish(self) {
        self.written.send_modify(|written| written.is_finished = true);
    }
}

impl SpoolReader {
    pub fn into_stream(self) -> impl Stream<Item = io::Result<Bytes>> {
        futures_util::stream::try_unfold(self, |mut reader| async move {
            Ok(reader.next().await?.map(|chunk| (chunk, reader)))
        })
    }

    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let read = *self.read_bytes.borrow();
        let waited = self.written.wait_for(|written| written.bytes > read || written.is_finished).await;
        let written = *waited.map_err(|_| io::Error::other("the results could not be written"))?;
        if written.bytes == read {
            return Ok(None);
        }
        let spool = Arc::clone(&self.spool);
        let at = read - written.file_start;
        let available = written.bytes - read;
        let chunk = tokio::task::spawn_blocking(move || spool.read(at, available)).await??;
        self.read_bytes.send_modify(|read| *read += chunk.len() as u64);
        Ok(Some(chunk))
    }
}

impl SpoolFile {
    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        use std::os::unix::fs::FileExt as _;
        self.file.write_all_at(bytes, at)
    }

    fn read(&self, at: u64, available: u64) -> io::Result<Bytes> {
        use std::os::unix::fs::FileExt as _;
        let mut chunk = vec![0; usize::try_from(available.min(CHUNK_BYTES)).unwrap_or(usize::MAX)];
        self.file.read_exact_at(&mut chunk, at)?;
        Ok(chunk.into())
    }

    fn take(&self, permit: OwnedSemaphorePermit) {
        let mut taken = self.taken.lock();
        match &mut *taken {
            Some(taken) => taken.merge(permit),
            None => *taken = Some(permit),
        }
    }

    fn give_back(&self) {
        drop(self.taken.lock().take());
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};
    use proptest::prelude::*;

    use super::*;

    fn small(capacity: u64) -> (SpoolWriter, SpoolReader) {
        spool(capacity, SpoolRoom::new(100, 1, 4), ()).unwrap()
    }

    #[tokio::test]
    async fn a_writer_waits_for_its_reader_and_the_file_stays_small() {
        let (mut writer, reader) = small(10);
        let file = reader.spool.file.try_clone().unwrap();
        writer.write(b"01234567".to_vec()).await.unwrap();
        assert!(writer.has_room(2) && !writer.has_room(3));
        assert!(writer.write(b"abc".to_vec()).now_or_never().is_none(), "there is no room");
        let mut stream = Box::pin(reader.into_stream());
        assert_eq!(stream.next().await.unwrap().unwrap(), b"01234567"[..]);
        writer.write(b"abcdef".to_vec()).await.unwrap();
        writer.finish();
        let rest: Vec<Bytes> = stream.try_collect().await.unwrap();
        assert_eq!(rest.concat(), b"abcdef");
        assert!(file.metadata().unwrap().len() <= 10);
    }

    #[tokio::test]
    async fn all_files_share_room_and_each_has_some_of_its_own() {
        let room = SpoolRoom::new(20, 2, 4);
        let (mut first, unread) = spool(16, room.clone(), ()).unwrap();
        let (mut second, reader) = spool(16, room.clone(), ()).unwrap();
        first.write(vec![1; 16]).await.unwrap();
        assert_eq!(room.shared.available_permits(), 0);
        assert!(second.has_room(4) && !second.has_room(5));
        second.write(vec![2; 4]).await.unwrap();
        assert!(second.write(vec![3; 4]).now_or_never().is_none(), "there is no room");
        let mut stream = Box::pin(reader.into_stream());
        assert_eq!(stream.next().await.unwrap().unwrap().len(), 4);
        second.write(vec![3; 4]).await.unwrap();
        // Dropping both ends deletes the first file and returns its share of the budget.
        drop((first, unread));
        second.write(vec![4; 8]).await.unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap().len(), 12);
        second.write(vec![5; 1]).await.unwrap();
        assert_eq!(room.shared.available_permits(), 12, "what was read is given back");
    }

    #[tokio::test]
    async fn what_no_one_reads_is_dropped_and_a_broken_writer_is_reported() {
        let (mut writer, reader) = small(10);
        writer.write(b"0123456789".to_vec()).await.unwrap();
        drop(reader);
        writer.write(b"more".to_vec()).await.unwrap();
        let (writer, reader) = small(10);
        drop(writer);
        assert!(reader.into_stream().try_collect::<Vec<_>>().await.is_err());
    }

    proptest! {
        #[test]
        fn bytes_arrive_as_they_were_written(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..15), 0..30)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let expected = parts.concat();
            let arrived = runtime.block_on(async {
                let (mut writer, reader) = small(12);
                let writing = async move {
                    for part in parts {
                        writer.write(part).await.unwrap();
                    }
                    writer.finish();
                };
                let (arrived, ()) = tokio::join!(reader.into_stream().try_collect::<Vec<Bytes>>(), writing);
                arrived.unwrap().concat()
            });
            prop_assert_eq!(arrived, expected);
        }
    }
}

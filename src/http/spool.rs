//! A stream of bytes whose reader may lag behind its writer, in a file of bounded size.

use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use futures_util::Stream;
use tokio::sync::{OwnedSemaphorePermit, watch};

/// The most bytes that are read at once.
const CHUNK_BYTES: u64 = 64 << 10;

/// The file, used again from its beginning when its end is reached.
struct Ring {
    file: std::fs::File,
    capacity: u64,
    /// The bound on the number of such files.
    _permit: OwnedSemaphorePermit,
}

/// How much was written, counted from the beginning of the stream.
#[derive(Clone, Copy, Default)]
struct Written {
    bytes: u64,
    is_finished: bool,
}

/// The end that is written to.
pub struct SpoolWriter {
    ring: Arc<Ring>,
    written: watch::Sender<Written>,
    read_bytes: watch::Receiver<u64>,
}

/// The end that is read from.
pub struct SpoolReader {
    ring: Arc<Ring>,
    written: watch::Receiver<Written>,
    read_bytes: watch::Sender<u64>,
}

/// Makes a stream of which at most `capacity` bytes are unread.
///
/// # Errors
/// When there is no place for the file.
pub fn spool(capacity: u64, permit: OwnedSemaphorePermit) -> io::Result<(SpoolWriter, SpoolReader)> {
    let ring = Arc::new(Ring { file: tempfile::tempfile()?, capacity, _permit: permit });
    let (written, written_here) = watch::channel(Written::default());
    let (read_bytes, read_there) = watch::channel(0);
    let writer = SpoolWriter { ring: Arc::clone(&ring), written, read_bytes: read_there };
    Ok((writer, SpoolReader { ring, written: written_here, read_bytes }))
}

impl SpoolWriter {
    /// Whether so many bytes can be written without waiting for the reader.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.written.borrow().bytes + bytes as u64 - *self.read_bytes.borrow() <= self.ring.capacity
    }

    /// Writes bytes as soon as there is room for them; where the reader is gone, they are dropped.
    ///
    /// # Errors
    /// When the file cannot be written, or the bytes are more than its capacity.
    pub async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        if bytes.len() as u64 > self.ring.capacity {
            return Err(io::Error::other("more bytes at once than the file may hold"));
        }
        let (written, capacity) = (self.written.borrow().bytes, self.ring.capacity);
        let (end, mut read_bytes) = (written + bytes.len() as u64, self.read_bytes.clone());
        if read_bytes.wait_for(|read| end - *read <= capacity).await.is_err() {
            return Ok(());
        }
        let ring = Arc::clone(&self.ring);
        tokio::task::spawn_blocking(move || ring.write(written, &bytes)).await??;
        self.written.send_modify(|written| written.bytes = end);
        Ok(())
    }

    /// Nothing follows. Without this the reader ends with an error.
    pub fn finish(self) {
        self.written.send_modify(|written| written.is_finished = true);
    }
}

impl SpoolReader {
    /// Everything that is written, as it comes.
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
        let ring = Arc::clone(&self.ring);
        let chunk = tokio::task::spawn_blocking(move || ring.read(read, written.bytes - read)).await??;
        self.read_bytes.send_modify(|read| *read += chunk.len() as u64);
        Ok(Some(chunk))
    }
}

impl Ring {
    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        use std::os::unix::fs::FileExt as _;
        let place = at % self.capacity;
        let until_end = usize::try_from(self.capacity - place).unwrap_or(usize::MAX);
        let (first, rest) = bytes.split_at(until_end.min(bytes.len()));
        self.file.write_all_at(first, place)?;
        self.file.write_all_at(rest, 0)
    }

    fn read(&self, at: u64, available: u64) -> io::Result<Bytes> {
        use std::os::unix::fs::FileExt as _;
        let place = at % self.capacity;
        let length = available.min(CHUNK_BYTES).min(self.capacity - place);
        let mut chunk = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        self.file.read_exact_at(&mut chunk, place)?;
        Ok(chunk.into())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};
    use proptest::prelude::*;
    use tokio::sync::Semaphore;

    use super::*;

    fn small(capacity: u64) -> (SpoolWriter, SpoolReader) {
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        spool(capacity, permit).unwrap()
    }

    #[tokio::test]
    async fn a_writer_waits_for_its_reader_and_the_file_stays_small() {
        let (mut writer, reader) = small(10);
        let file = reader.ring.file.try_clone().unwrap();
        writer.write(b"01234567".to_vec()).await.unwrap();
        assert!(writer.has_room(2) && !writer.has_room(3));
        assert!(writer.write(b"abc".to_vec()).now_or_never().is_none(), "there is no room");
        let mut stream = Box::pin(reader.into_stream());
        assert_eq!(stream.next().await.unwrap().unwrap(), b"01234567"[..]);
        writer.write(b"abcdef".to_vec()).await.unwrap();
        writer.finish();
        let rest: Vec<Bytes> = stream.try_collect().await.unwrap();
        assert_eq!(rest.concat(), b"abcdef");
        assert_eq!(file.metadata().unwrap().len(), 10);
    }

    #[tokio::test]
    async fn what_no_one_reads_is_dropped_and_a_broken_writer_is_reported() {
        let (mut writer, reader) = small(10);
        writer.write(b"0123456789".to_vec()).await.unwrap();
        drop(reader);
        writer.write(b"more".to_vec()).await.unwrap();
        assert!(writer.write(vec![0; 11]).await.is_err());
        let (writer, reader) = small(10);
        drop(writer);
        assert!(reader.into_stream().try_collect::<Vec<_>>().await.is_err());
    }

    proptest! {
        #[test]
        fn bytes_arrive_as_they_were_written(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..12), 0..30)) {
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

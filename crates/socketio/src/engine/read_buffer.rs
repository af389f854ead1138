//! The memory that all connections of a thread read into.

use std::cell::Cell;

/// What one read may bring; the buffer belongs to the thread, not to the connection.
const READ_BYTES: usize = 32 * 1024;

thread_local! {
    static READ_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Lends the thread's buffer.
pub(crate) fn with_read_buffer<T>(read: impl FnOnce(&mut [u8]) -> T) -> T {
    let mut buffer = READ_BUFFER.take();
    buffer.resize(READ_BYTES, 0);
    let done = read(&mut buffer);
    READ_BUFFER.set(buffer);
    done
}

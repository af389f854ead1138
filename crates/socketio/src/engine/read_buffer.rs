//! Read buffer shared by all connections of a thread, so that idle connections need none.

use std::cell::Cell;

/// Maximum bytes per read.
const READ_BYTES: usize = 32 * 1024;

thread_local! {
    static READ_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Calls `read` with the thread's buffer.
pub(crate) fn with_read_buffer<T>(read: impl FnOnce(&mut [u8]) -> T) -> T {
    // Taken out of the cell: a nested call would allocate another buffer instead of aliasing this one.
    let mut buffer = READ_BUFFER.take();
    buffer.resize(READ_BYTES, 0);
    let done = read(&mut buffer);
    READ_BUFFER.set(buffer);
    done
}

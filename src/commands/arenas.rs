//! Bounds the arenas of glibc's allocator.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// The variable that glibc reads when a process starts, and at no other time.
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Starts the program again, as the same process, with one arena for each processor instead of eight.
///
/// Each arena reserves 64 MB of address space, and keeps what was freed in it for the threads that use it: with 8 arenas for
/// each processor, 12 threads reserve 700 MB, a server that may have 512 MB (`RLIMIT_AS`) is aborted, and memory that a burst
/// of requests took stays taken. What an operator has set is left as it is.
pub fn bound() {
    if !cfg!(target_env = "gnu") || std::env::var_os(ARENAS).is_some() {
        return;
    }
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    // It returns only where it failed, and then the program runs as it was started.
    drop(command.args(arguments).env(ARENAS, processors.max(2).to_string()).exec());
}

//! Limits the number of arenas of glibc's allocator.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Read by glibc when the process starts, and at no other time.
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Executes the program again, in the same process, with one arena per processor instead of eight.
///
/// Each arena reserves 64 MB of address space, and keeps freed memory for the threads assigned to it. With 8 arenas per
/// processor, 12 threads reserve 700 MB, a server limited to 512 MB (`RLIMIT_AS`) is aborted, and memory used by a burst of
/// requests is not returned. A value set by the operator is left unchanged.
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
    // `exec` returns only on failure; the program then continues with the default.
    drop(command.args(arguments).env(ARENAS, processors.max(2).to_string()).exec());
}

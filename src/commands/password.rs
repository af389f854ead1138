//! Reads passwords from a terminal or a pipe.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};

use parking_lot::Mutex;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};

use super::cli::CommandError;

/// Maximum bytes read for a line; longer than any password that is accepted.
const MAX_LINE_BYTES: u64 = 16 * 1024;
/// Exit code after SIGINT by the convention of shells: 128 plus the signal's number.
const INTERRUPTED: i32 = 130;
/// Held while the terminal's echo is changed, and from SIGINT until the process exits, so that no prompt can disable the echo
/// again in between.
static ECHO: Mutex<()> = Mutex::new(());

/// Reads a password: from a terminal, entered twice without echo, or, if `from_pipe`, the first line of a pipe.
pub fn read_password(from_pipe: bool) -> Result<String, CommandError> {
    let password = if std::io::stdin().is_terminal() {
        restore_on_interrupt()?;
        let password = prompt("Password: ")?;
        if password != prompt("Repeat the password: ")? {
            return Err(CommandError::Usage("the two passwords differ; nothing was changed".to_owned()));
        }
        password
    } else if from_pipe {
        read_line()?
    } else {
        let advice = "there is no terminal to ask for the password on; pipe it in and give --password-stdin";
        return Err(CommandError::Usage(advice.to_owned()));
    };
    if password.is_empty() {
        return Err(CommandError::Usage("the password is empty".to_owned()));
    }
    Ok(password)
}

/// Prompts for a line without echo; discards input that was typed before the prompt.
fn prompt(question: &str) -> std::io::Result<String> {
    let _silent = EchoGuard::begin()?;
    let mut stderr = std::io::stderr();
    write!(stderr, "{question}")?;
    stderr.flush()?;
    read_line()
}

/// Restores the terminal's echo when SIGINT ends the process.
///
/// The default action would end the process before [`EchoGuard`] is dropped. A task on another thread handles the signal,
/// because this one blocks on reading.
fn restore_on_interrupt() -> std::io::Result<()> {
    let before = tcgetattr(std::io::stdin())?;
    let mut interrupts = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        interrupts.recv().await;
        let _until_the_exit = ECHO.lock();
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
        let _ = writeln!(std::io::stderr());
        std::process::exit(INTERRUPTED)
    });
    Ok(())
}

fn read_line() -> std::io::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().take(MAX_LINE_BYTES).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Disables the terminal's echo, except of the line end, until it is dropped.
struct EchoGuard(Termios);

impl EchoGuard {
    fn begin() -> std::io::Result<Self> {
        let _changing = ECHO.lock();
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(&stdin, OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for EchoGuard {
    fn drop(&mut self) {
        // Fails only if the terminal is gone.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

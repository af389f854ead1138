//! Passwords that are typed or piped in.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};

use parking_lot::Mutex;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};

use super::cli::CommandError;

/// More than any password that is accepted.
const MAX_LINE_BYTES: u64 = 16 * 1024;
/// The exit code of a process that Ctrl-C ended, as shells give it: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;
/// Held while the terminal's echo is changed; from Ctrl-C to the end of the process, so that no prompt turns it off
/// again in between.
static ECHO: Mutex<()> = Mutex::new(());

/// Reads a password: on a terminal typed twice without echo; from a pipe its first line, where `from_pipe` says so.
pub fn read_password(from_pipe: bool) -> Result<String, CommandError> {
    let password = if std::io::stdin().is_terminal() {
        restore_on_interrupt()?;
        let password = prompt("Password: ")?;
        if password != prompt("The same again: ")? {
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

/// Asks for a line that is not shown; what was typed before is discarded.
fn prompt(question: &str) -> std::io::Result<String> {
    let _silent = EchoGuard::begin()?;
    let mut stderr = std::io::stderr();
    write!(stderr, "{question}")?;
    stderr.flush()?;
    read_line()
}

/// Has Ctrl-C end the process as it does elsewhere, but with a terminal that shows again what is typed.
///
/// The signal would end the process before [`EchoGuard`] is dropped. A task waits for it, on another thread than the one
/// that waits for the password.
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

/// A terminal that does not show what is typed, save the end of the line; it does again when this is dropped.
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
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

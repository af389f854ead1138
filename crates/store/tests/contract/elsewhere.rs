//! A second process with the store open: this test binary, started again.

use std::env;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use superbot_domain::{MessageLevel, NewSystemMessage, SystemClock};
use superbot_store::{Store, StoreOptions};

/// Environment variable with the URL of the store for the second process.
const URL: &str = "SUPERBOT_TEST_STORE_ELSEWHERE";

/// A process that writes messages to everyone on request.
pub(crate) struct Elsewhere(Child);

impl Elsewhere {
    pub(crate) fn start(url: &str) -> Self {
        let mut program = Command::new(env::current_exe().unwrap());
        program.args(["--exact", "elsewhere::writes_what_it_is_asked_to", "--nocapture"]).env(URL, url);
        Self(program.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }

    /// Requests a number of messages.
    pub(crate) fn write(&mut self, messages: usize) {
        self.0.stdin.as_mut().unwrap().write_all("\n".repeat(messages).as_bytes()).unwrap();
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        // The process exits when its input closes.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Main function of the second process; does nothing in the process that runs the tests.
#[tokio::test(flavor = "multi_thread")]
async fn writes_what_it_is_asked_to() {
    let Ok(url) = env::var(URL) else { return };
    let store = Store::open(&url, StoreOptions::new(Arc::new(SystemClock), [7; 8])).await.unwrap();
    for _ in std::io::stdin().lines() {
        store
            .events()
            .publish_system_message(&NewSystemMessage::new("x", MessageLevel::Info).unwrap(), None)
            .await
            .unwrap();
    }
    store.close().await;
}

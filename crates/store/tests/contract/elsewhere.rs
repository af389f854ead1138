//! Another process that has the store open: this program, started once more.

use std::env;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use superbot_domain::{MessageLevel, NewSystemMessage, SystemClock};
use superbot_store::{Store, StoreOptions};

/// Where the store is that the process is to open.
const URL: &str = "SUPERBOT_TEST_STORE_ELSEWHERE";

/// A process that writes a message to everyone whenever it is asked to.
pub(crate) struct Elsewhere(Child);

impl Elsewhere {
    pub(crate) fn start(url: &str) -> Self {
        let mut program = Command::new(env::current_exe().unwrap());
        program.args(["--exact", "elsewhere::writes_what_it_is_asked_to", "--nocapture"]).env(URL, url);
        Self(program.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }

    /// Asks for so many messages.
    pub(crate) fn write(&mut self, messages: usize) {
        self.0.stdin.as_mut().unwrap().write_all("\n".repeat(messages).as_bytes()).unwrap();
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        // Without its input it ends by itself.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// What the other process does; nothing in the one that runs the tests.
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

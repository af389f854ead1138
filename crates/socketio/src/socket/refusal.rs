//! The answer to a client that may not join a namespace.

use serde_json::Value;

/// The answer to a client that may not join.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectRefusal {
    /// What went wrong; the `message` of the client's `connect_error`.
    pub message: String,
    /// More about it; its `data`.
    pub data: Option<Value>,
    /// Whether the server also closes the connection.
    pub close: bool,
    /// Whether the client is told nothing at all.
    pub silent: bool,
}

impl ConnectRefusal {
    /// A refusal that leaves the connection open.
    pub fn new(message: impl Into<String>) -> ConnectRefusal {
        ConnectRefusal { message: message.into(), data: None, close: false, silent: false }
    }

    /// Closes the connection and says nothing, because of something that will pass: official clients come back by themselves
    /// then, which they do not after a refusal.
    pub fn for_now() -> ConnectRefusal {
        ConnectRefusal { silent: true, ..ConnectRefusal::new("") }.and_close()
    }

    /// Adds data for the client's program.
    #[must_use]
    pub fn with_data(self, data: Value) -> ConnectRefusal {
        ConnectRefusal { data: Some(data), ..self }
    }

    /// Makes the server close the connection too.
    #[must_use]
    pub fn and_close(self) -> ConnectRefusal {
        ConnectRefusal { close: true, ..self }
    }
}

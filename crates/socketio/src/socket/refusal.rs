//! Rejection of a client that wants to join a namespace.

use serde_json::Value;

/// Rejection of a client that wants to join a namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectRefusal {
    /// Reason; the `message` of the client's `connect_error`.
    pub message: String,
    /// Details; the `data` of the client's `connect_error`.
    pub data: Option<Value>,
    /// Whether the connection is closed as well.
    pub close: bool,
    /// Whether no `CONNECT_ERROR` packet is sent.
    pub silent: bool,
}

impl ConnectRefusal {
    /// Creates a rejection that keeps the connection open.
    pub fn new(message: impl Into<String>) -> ConnectRefusal {
        ConnectRefusal { message: message.into(), data: None, close: false, silent: false }
    }

    /// Creates a rejection for a temporary reason: closes the connection without a packet, after which official clients
    /// reconnect; after a `CONNECT_ERROR` packet they do not.
    pub fn for_now() -> ConnectRefusal {
        ConnectRefusal { silent: true, ..ConnectRefusal::new("") }.and_close()
    }

    /// Adds data for the client.
    #[must_use]
    pub fn with_data(self, data: Value) -> ConnectRefusal {
        ConnectRefusal { data: Some(data), ..self }
    }

    /// Closes the connection as well.
    #[must_use]
    pub fn and_close(self) -> ConnectRefusal {
        ConnectRefusal { close: true, ..self }
    }
}

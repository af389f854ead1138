//! The broadcast scenario with long-polling clients.

use super::broadcast::{COLUMNS, run};
use super::{Scenario, Task, real_servers};
use crate::orders::Transport;

pub(super) const POLLING: Scenario = Scenario {
    name: "polling",
    about: "A listing is posted once a second, and clients on HTTP long-polling are to hear of it; at most 3,000 of them.",
    columns: COLUMNS,
    suits: real_servers,
    clients: None,
    run: |task| run(&Task { clients: task.clients.min(MOST), ..*task }, Transport::Polling),
};

/// Maximum number of clients; few clients depend on long-polling.
const MOST: usize = 3000;

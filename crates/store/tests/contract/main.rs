//! Contract of the store, run against each back end.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bed;
mod clocks;
mod credentials;
mod elsewhere;
mod favorites;
mod identity;
mod ignored;
mod listings;
mod log;
mod matches;
mod oracle;
mod password_resets;
mod people;
mod preview;
mod reconcile;
mod recurring;
mod recurring_rules;
mod rekey;
mod removal;
mod source_notices;
mod standing;
mod told;
mod upgrade;
mod upgrade_matching;
mod upgrade_prices;

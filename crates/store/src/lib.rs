//! Super-Bot's store and its durable event log.

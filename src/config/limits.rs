//! `[limits]`: rates and sizes.

use super::Problem;
use super::section::Section;

/// Rates, where 0 is without limit, and sizes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Failed sign-ins per minute, for one address and for one name.
    pub login_attempts_per_minute: u32,
    /// Requests per second of one user.
    pub user_requests_per_second: u32,
    /// Requests per second of one publish token.
    pub publish_requests_per_second: u32,
    /// Events per second from one socket.
    pub socket_events_per_second: u32,
    /// The largest request body, except for listings.
    pub body_bytes: usize,
    /// The largest body of listings that is not NDJSON.
    pub listing_body_bytes: usize,
    /// The longest line of NDJSON.
    pub listing_line_bytes: usize,
}

impl Limits {
    pub(super) fn read(section: &Section) -> Result<Self, Problem> {
        let rate = |key| section.integer(key, &(0..=1_000_000));
        let bytes = |key| section.integer(key, &(1_024..=1_073_741_824));
        Ok(Self {
            login_attempts_per_minute: rate("login_attempts_per_minute")?,
            user_requests_per_second: rate("user_requests_per_second")?,
            publish_requests_per_second: rate("publish_requests_per_second")?,
            socket_events_per_second: rate("socket_events_per_second")?,
            body_bytes: bytes("body_bytes")?,
            listing_body_bytes: bytes("listing_body_bytes")?,
            listing_line_bytes: bytes("listing_line_bytes")?,
        })
    }
}

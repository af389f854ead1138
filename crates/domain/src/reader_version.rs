//! Which version of this program's readers read a listing.

/// The version of everything that turns what a site or a user wrote into values: prices, words, and the parts of pages.
///
/// A change to how any of these is read raises it by one. From then on a listing that an earlier version read is corrected
/// without an event when it is posted again, and the full-text index of stored listings is written again in the background.
/// Stores from before there was the number have [`FIRST_READER_VERSION`].
pub const READER_VERSION: i64 = 2;

/// The version of listings and queries that were stored before their version was.
pub const FIRST_READER_VERSION: i64 = 1;

/// Which values of a posting depend on the version of the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReaderScope {
    /// None: its publisher stated them as values.
    #[default]
    Nothing,
    /// The price, which was read from a text.
    Price,
    /// All of them: they were read from a page.
    Everything,
}

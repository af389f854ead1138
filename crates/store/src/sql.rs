//! Re-exports the database layer's `sql` module under the path that derived code uses.

pub(crate) use superbot_db::sql::*;

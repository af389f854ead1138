//! The module of the database layer, under the name that the store's modules and derived code import it by.

pub(crate) use superbot_db::sql::*;

//! What Super-Bot's things are: listings, prices, events, users.

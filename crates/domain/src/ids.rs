//! Row ids, one type per table, so that they cannot be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Returns the id as a number.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// Id of a user.
    UserId
);
id!(
    /// Id of a listing; it is preserved when a pruned listing is posted again.
    ListingId
);
id!(
    /// Id of a notification; unique across users.
    NotificationId
);
id!(
    /// Public id of an API token, unrelated to its secret.
    TokenId
);
id!(
    /// Public id of a browser session, unrelated to its secret.
    SessionId
);
id!(
    /// Public id of an invitation, unrelated to its secret.
    InviteId
);
id!(
    /// Id of a price alert, from the sequence shared with saved searches.
    PriceAlertId
);
id!(
    /// Id of a saved search, from the sequence shared with price alerts.
    SavedSearchId
);

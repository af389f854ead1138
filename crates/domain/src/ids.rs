//! Row numbers, each of its own type so that they cannot be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// The bare number.
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
    /// A user.
    UserId
);
id!(
    /// A listing; it stays the same when the listing is pruned and posted again.
    ListingId
);
id!(
    /// A notification of one user.
    NotificationId
);
id!(
    /// An API token's public number, never its secret.
    TokenId
);
id!(
    /// A browser session's public number, never its secret.
    SessionId
);
id!(
    /// An invitation's public number, never its secret.
    InviteId
);
id!(
    /// A price alert. Price alerts and saved searches are numbered together.
    PriceAlertId
);
id!(
    /// A saved search. Price alerts and saved searches are numbered together.
    SavedSearchId
);

//! Handles on a [`Store`], one for each aggregate.

use crate::store::Store;

/// Declares the handles and the methods of [`Store`] that give them. A handle is a reference: copying it costs nothing, and
/// its methods take it by value, so that their futures borrow the store alone.
macro_rules! store_handles {
    ($($(#[$doc:meta])+ $accessor:ident => $handle:ident;)+) => {
        $(
            $(#[$doc])+
            #[derive(Clone, Copy)]
            pub struct $handle<'a> {
                pub(crate) store: &'a Store,
            }
        )+

        impl Store {
            $(
                $(#[$doc])+
                pub const fn $accessor(&self) -> $handle<'_> {
                    $handle { store: self }
                }
            )+
        }
    };
}

store_handles! {
    /// Accounts with their passwords and preferences.
    users => UserStore;
    /// Links with which users choose a new password.
    password_resets => PasswordResetStore;
    /// Invitations to make an account.
    invites => InviteStore;
    /// Sessions of signed-in users.
    sessions => SessionStore;
    /// API tokens.
    tokens => TokenStore;
    /// Listings and their price histories.
    listings => ListingStore;
    /// Favourite listings of users.
    favorites => FavoriteStore;
    /// Notifications of users.
    notifications => NotificationStore;
    /// The event log.
    events => EventStore;
    // more
}

//! Handles on a [`Store`], one per aggregate.

use std::marker::PhantomData;

use superbot_domain::StandingQuery;

use crate::store::Store;

/// Declares the handles and the methods of [`Store`] that return them. A handle is a `Copy` reference; its methods take
/// it by value, so that their futures borrow only the store.
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
    /// Accounts, with passwords and preferences.
    users => UserStore;
    /// Password reset links.
    password_resets => PasswordResetStore;
    /// Invitations to create an account.
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
    /// Sources, their leases and the rate limits of sites.
    sources => SourceStore;
    /// Reported status of scrapers.
    scraper_status => ScraperStatusStore;
    /// Matches of standing queries: index, reconciliation and pending notifications.
    matches => MatchStore;
    /// Server processes on this store, and their connected clients.
    nodes => NodeStore;
    /// Rate limits shared by all server processes.
    meters => MeterStore;
    /// Secrets of this installation, such as signing keys.
    secrets => SecretStore;
    /// Batch import of another program's data.
    imports => ImportStore;
}

/// Standing queries of one kind. Methods access only the given user's queries.
pub struct QueryStore<'a, Q> {
    pub(crate) store: &'a Store,
    kind: PhantomData<fn() -> Q>,
}

impl<Q> Clone for QueryStore<'_, Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q> Copy for QueryStore<'_, Q> {}

impl Store {
    /// Returns the handle for standing queries of one kind.
    pub const fn queries<Q: StandingQuery>(&self) -> QueryStore<'_, Q> {
        QueryStore { store: self, kind: PhantomData }
    }
}

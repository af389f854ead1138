//! Handles on a [`Store`], one for each aggregate.

use std::marker::PhantomData;

use superbot_domain::StandingQuery;

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
    /// Sources, their leases and their turns at sites.
    sources => SourceStore;
    /// Which scrapers run.
    scraper_status => ScraperStatusStore;
    /// Matches of standing queries with listings: the index, reconciliation and pending notifications.
    matches => MatchStore;
    /// Servers on this store and the clients connected to each.
    nodes => NodeStore;
    /// Rate limits shared by all servers.
    meters => MeterStore;
    /// The installation's own secrets.
    secrets => SecretStore;
    /// Data of another program, added in batches.
    imports => ImportStore;
}

/// The standing queries of one kind. Every method sees those of one user.
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
    /// The standing queries of a kind.
    pub const fn queries<Q: StandingQuery>(&self) -> QueryStore<'_, Q> {
        QueryStore { store: self, kind: PhantomData }
    }
}

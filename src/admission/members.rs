//! Authenticated HTTP connections: an idle one is evicted for a new one, but none that is serving a request.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};
use superbot_socketio::AdmissionLimit;
use tokio_util::sync::CancellationToken;

use crate::auth::ChargedAccount;

/// Places of the authenticated connections of all accounts. Clones share them.
#[derive(Clone)]
pub struct MemberConnections {
    limit: usize,
    account_limit: usize,
    held: Arc<Mutex<HeldConnections>>,
}

/// Number of requests in progress on a connection, and whether it has been asked to close.
#[derive(Default)]
pub struct ConnectionActivity {
    under_way: AtomicUsize,
    retired: CancellationToken,
}

/// Guard of a request in progress; dropped when its response has been passed on.
pub struct RequestUnderWay(Arc<ConnectionActivity>);

/// A connection's place, released on drop.
pub struct MemberPlace {
    members: MemberConnections,
    id: u64,
}

#[derive(Default)]
struct HeldConnections {
    next: u64,
    /// Ordered by opening, so that the first idle connection is the oldest one.
    connections: BTreeMap<u64, BudgetMember>,
    counts: HashMap<Option<ChargedAccount>, usize>,
}

struct BudgetMember {
    /// `None` for connections of Socket.IO sessions, which have a limit of their own.
    account: Option<ChargedAccount>,
    activity: Arc<ConnectionActivity>,
}

impl ConnectionActivity {
    pub fn begin(self: &Arc<Self>) -> RequestUnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        RequestUnderWay(Arc::clone(self))
    }

    /// Completes once the connection has been chosen for eviction; it closes after the current response.
    pub async fn retired(&self) {
        self.retired.cancelled().await;
    }

    fn is_idle(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 0
    }
}

impl Drop for RequestUnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl MemberConnections {
    /// Allows `limit` connections in total and `account_limit` per account.
    pub fn new(limit: usize, account_limit: usize) -> Self {
        Self { limit, account_limit, held: Arc::default() }
    }

    /// Reserves a place, evicting an idle connection if a limit is reached: of the same account at its own limit, otherwise
    /// of the account that holds the most. Also returns the limit that caused an eviction.
    ///
    /// # Errors
    /// The limit that is reached, if no connection is idle.
    pub fn enter(
        &self,
        account: Option<ChargedAccount>,
        activity: &Arc<ConnectionActivity>,
    ) -> Result<(MemberPlace, Option<AdmissionLimit>), AdmissionLimit> {
        let mut held = self.lock();
        // Connections without an account are bounded by the total only.
        let is_at_limit = account.is_some() && held.count(account) >= self.account_limit;
        let overrun = match (is_at_limit, held.connections.len() >= self.limit) {
            (true, _) => {
                Some((AdmissionLimit::ClientConnections, held.oldest_idle(|member| member.account == account)))
            }
            (false, true) => Some((AdmissionLimit::Connections, held.oldest_idle_of_largest())),
            (false, false) => None,
        };
        if let Some((overrun, idle)) = overrun {
            // Removed now and not when the connection has closed, or several newcomers would evict the same one.
            let member = held.remove(idle.ok_or(overrun)?);
            member.inspect(|member| member.activity.retired.cancel());
        }
        let id = held.next;
        held.next += 1;
        held.connections.insert(id, BudgetMember { account, activity: Arc::clone(activity) });
        *held.counts.entry(account).or_default() += 1;
        drop(held);
        Ok((MemberPlace { members: self.clone(), id }, overrun.map(|(overrun, _)| overrun)))
    }

    fn lock(&self) -> MutexGuard<'_, HeldConnections> {
        self.held.lock()
    }
}

impl HeldConnections {
    fn count(&self, account: Option<ChargedAccount>) -> usize {
        self.counts.get(&account).copied().unwrap_or(0)
    }

    fn oldest_idle(&self, is_meant: impl Fn(&BudgetMember) -> bool) -> Option<u64> {
        let mut idle = self.connections.iter().filter(|(_, member)| member.activity.is_idle() && is_meant(member));
        idle.next().map(|(id, _)| *id)
    }

    fn oldest_idle_of_largest(&self) -> Option<u64> {
        let idle = self.connections.values().filter(|member| member.activity.is_idle());
        let largest = idle.map(|member| member.account).max_by_key(|account| self.count(*account))?;
        self.oldest_idle(|member| member.account == largest)
    }

    fn remove(&mut self, id: u64) -> Option<BudgetMember> {
        let member = self.connections.remove(&id)?;
        if let Some(count) = self.counts.get_mut(&member.account) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&member.account);
            }
        }
        Some(member)
    }
}

impl Drop for MemberPlace {
    // After an eviction the place is gone already; `remove` then does nothing.
    fn drop(&mut self) {
        let member = self.members.lock().remove(self.id);
        drop(member);
    }
}

#[cfg(test)]
mod tests {
    use superbot_domain::UserId;

    use super::*;

    struct Connection {
        activity: Arc<ConnectionActivity>,
        _place: MemberPlace,
    }

    impl Connection {
        fn enter(members: &MemberConnections, user: i64) -> Result<Self, AdmissionLimit> {
            let activity = Arc::<ConnectionActivity>::default();
            let account = Some(ChargedAccount::User(UserId::from(user)));
            let (place, _) = members.enter(account, &activity)?;
            Ok(Self { activity, _place: place })
        }

        fn is_retired(&self) -> bool {
            self.activity.retired.is_cancelled()
        }
    }

    #[test]
    fn only_an_idle_connection_of_an_account_makes_room() {
        let members = MemberConnections::new(10, 2);
        let [busy, idle] = [1, 1].map(|user| Connection::enter(&members, user).unwrap());
        let request = busy.activity.begin();
        let newest = Connection::enter(&members, 1).unwrap();
        assert!(!busy.is_retired() && idle.is_retired());
        let second_request = newest.activity.begin();
        assert_eq!(Connection::enter(&members, 1).err(), Some(AdmissionLimit::ClientConnections));
        assert!(Connection::enter(&members, 2).is_ok());
        drop((request, second_request));
        assert!(Connection::enter(&members, 1).is_ok());
        assert!(busy.is_retired());
        drop((busy, idle, newest));
        assert!(members.lock().connections.is_empty() && members.lock().counts.is_empty());
    }

    #[test]
    fn the_account_with_most_connections_makes_room_when_the_whole_is_full() {
        let members = MemberConnections::new(4, 3);
        let [small, large, second, third] = [1, 2, 2, 2].map(|user| Connection::enter(&members, user).unwrap());
        let request = large.activity.begin();
        let newcomer = Connection::enter(&members, 3).unwrap();
        assert!(second.is_retired() && !large.is_retired() && !small.is_retired());
        let requests = [&small, &third, &newcomer].map(|connection| connection.activity.begin());
        assert_eq!(Connection::enter(&members, 4).err(), Some(AdmissionLimit::Connections));
        drop((request, requests));
    }
}

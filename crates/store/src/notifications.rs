//! Users' notifications and their read state.

use serde::{Deserialize, Serialize};
use superbot_domain::{Audience, JsonObject, Notification, NotificationDraft, NotificationId, Seq, UserId, Username};
use superbot_wire::{NotificationsRead, UserNotification};

use crate::error::Result;
use crate::events::NewEvent;
use crate::handles::NotificationStore;
use crate::idempotency::IdempotencyKey;
use crate::page::{self, StorePage};
use crate::rows::{micros, timestamp};
use crate::sql::{self, QueryBuilder, Record, SelectRecord as _, SqlConn, chunks, sql_text};
use crate::tx::StoreTx;

/// Result of creating a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotifyOutcome {
    /// There is no user with this name.
    NoSuchUser,
    /// The user's account is disabled.
    Disabled,
    /// The notification was stored and its event emitted.
    Sent {
        /// Id of the notification.
        id: NotificationId,
        /// Sequence number of its event.
        seq: Seq,
    },
}

/// Result of marking notifications as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOutcome {
    /// Notifications that were unread before, in ascending order.
    pub ids: Vec<NotificationId>,
    /// Number of notifications that remain unread.
    pub unread: u64,
}

/// Maximum ids in one event; `unread` counts the rest.
const MAX_EVENT_IDS: usize = 1000;

/// Selects a page of a user's notifications that meet a condition.
macro_rules! select_page {
    ($condition:literal) => {
        sql_text!(
            "SELECT ",
            NotificationRow::COLUMNS,
            " FROM notifications WHERE user_id = $1 AND id < $2",
            $condition,
            " ORDER BY id DESC LIMIT $3"
        )
    };
}

impl NotificationStore<'_> {
    /// Creates a notification for the named user and emits its event.
    pub async fn create(
        self,
        username: &str,
        draft: &NotificationDraft,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<NotifyOutcome> {
        // No user can have a malformed name.
        let Ok(name) = Username::parse(username) else { return Ok(NotifyOutcome::NoSuchUser) };
        let draft = draft.clone();
        let key = idempotency.cloned();
        self.store
            .write(async move |tx| {
                if let Some(outcome) = tx.answered(key.as_ref()).await? {
                    return Ok(outcome);
                }
                let user: Option<(i64, bool)> = sql::query_as("SELECT id, disabled FROM users WHERE username_key = $1")
                    .bind(name.key())
                    .fetch_optional(&mut tx.conn)
                    .await?;
                match user {
                    None => Ok(NotifyOutcome::NoSuchUser),
                    Some((_, true)) => Ok(NotifyOutcome::Disabled),
                    Some((user, false)) => {
                        let (id, seq) = tx.insert_notification(user.into(), draft).await?;
                        let outcome = NotifyOutcome::Sent { id, seq };
                        // Only success is stored, so that a failed request can be repeated under the same key.
                        tx.keep_answer(key.as_ref(), &outcome).await?;
                        Ok(outcome)
                    }
                }
            })
            .await
    }

    /// Returns a page of a user's notifications, newest first.
    pub async fn page(
        self,
        user: UserId,
        unread_only: bool,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<StorePage<Notification>> {
        let before = page::before(cursor)?;
        let sql = if unread_only { select_page!(" AND read_at IS NULL") } else { select_page!("") };
        let query = sql::query_as(sql).bind(user.get()).bind(before).bind(page::rows_to_read(limit));
        let rows: Vec<NotificationRow> = query.fetch_all(&mut self.store.reader().await?).await?;
        let items = rows.into_iter().map(NotificationRow::read).collect::<Result<_>>()?;
        Ok(StorePage::of(items, limit, |notification: &Notification| notification.id.get()))
    }

    /// Returns whether the user has this notification, read or unread.
    pub async fn exists(self, user: UserId, id: NotificationId) -> Result<bool> {
        let select = sql::query_scalar("SELECT EXISTS (SELECT 1 FROM notifications WHERE id = $1 AND user_id = $2)");
        Ok(select.bind(id.get()).bind(user.get()).fetch_one(&mut self.store.reader().await?).await?)
    }

    /// Returns the number of a user's unread notifications.
    pub async fn count_unread(self, user: UserId) -> Result<u64> {
        unread(&mut self.store.reader().await?, user).await
    }

    /// Marks some of a user's notifications as read, and notifies the user's connections.
    pub async fn mark_read(self, user: UserId, ids: &[NotificationId]) -> Result<ReadOutcome> {
        let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
        self.store
            .write(async move |tx| {
                let mut read = Vec::new();
                for chunk in chunks(&ids) {
                    let mut update = QueryBuilder::new("UPDATE notifications SET read_at = ");
                    update
                        .push_bind(micros(tx.now))
                        .push(" WHERE read_at IS NULL AND user_id = ")
                        .push_bind(user.get());
                    update.push(" AND id IN (");
                    let mut list = update.separated(", ");
                    for id in chunk {
                        list.push_bind(*id);
                    }
                    update.push(") RETURNING id");
                    read.extend(update.build_query_scalar::<i64>().fetch_all(&mut tx.conn).await?);
                }
                tx.publish_read(user, read).await
            })
            .await
    }

    /// Marks all of a user's notifications as read, and notifies the user's connections.
    pub async fn mark_all_read(self, user: UserId) -> Result<ReadOutcome> {
        self.store
            .write(async move |tx| {
                let update = sql::query_scalar(
                    "UPDATE notifications SET read_at = $1 WHERE user_id = $2 AND read_at IS NULL RETURNING id",
                );
                let read = update.bind(micros(tx.now)).bind(user.get()).fetch_all(&mut tx.conn).await?;
                tx.publish_read(user, read).await
            })
            .await
    }
}

impl StoreTx {
    /// Creates a notification and emits its event.
    pub(crate) async fn insert_notification(
        &mut self,
        user: UserId,
        draft: NotificationDraft,
    ) -> Result<(NotificationId, Seq)> {
        self.insert_notifications(vec![(user, draft)]).await?;
        Ok((self.numbers.notification.into(), self.numbers.event.cast_unsigned()))
    }

    /// Creates notifications, emits their events in the same order, and returns their ids.
    pub(crate) async fn insert_notifications(
        &mut self,
        drafts: Vec<(UserId, NotificationDraft)>,
    ) -> Result<Vec<NotificationId>> {
        // A notification stores its event's number, which is known in advance: this transaction holds the write lock.
        let seqs = self.numbers.event.cast_unsigned() + 1..;
        let number = |(seq, (user, draft)): (Seq, (UserId, NotificationDraft))| {
            let (kind, data) = draft.into_parts();
            let id = self.numbers.next_notification();
            (user, Notification { id, kind, data, created_at: self.now, read_at: None, seq })
        };
        let sent: Vec<(UserId, Notification)> = seqs.zip(drafts).map(number).collect();
        for chunk in chunks(&sent) {
            let rows = chunk.iter().map(|(user, sent)| NotificationRow::new(*user, sent));
            sql::insert(rows).build().execute(&mut self.conn).await?;
        }
        let event =
            |(user, sent): &(UserId, Notification)| NewEvent::of(Audience::User(*user), &UserNotification::from(sent));
        self.emit_all(sent.iter().map(event).collect::<Result<_>>()?).await?;
        Ok(sent.iter().map(|(_, sent)| sent.id).collect())
    }

    async fn publish_read(&mut self, user: UserId, ids: Vec<i64>) -> Result<ReadOutcome> {
        let mut ids: Vec<NotificationId> = ids.into_iter().map(NotificationId::from).collect();
        // RETURNING does not guarantee an order.
        ids.sort_unstable();
        let unread = unread(&mut self.conn, user).await?;
        if !ids.is_empty() {
            // Bounds the event's size; clients correct their count by `unread`.
            let newest = ids[ids.len().saturating_sub(MAX_EVENT_IDS)..].to_vec();
            let payload = NotificationsRead { ids: newest, unread };
            self.emit(NewEvent::of(Audience::User(user), &payload)?).await?;
        }
        Ok(ReadOutcome { ids, unread })
    }
}

async fn unread(conn: &mut SqlConn, user: UserId) -> Result<u64> {
    let count: i64 = sql::query_scalar("SELECT COUNT(*) FROM notifications WHERE user_id = $1 AND read_at IS NULL")
        .bind(user.get())
        .fetch_one(conn)
        .await?;
    Ok(count.cast_unsigned())
}

#[derive(Record)]
#[record(table = "notifications")]
struct NotificationRow {
    id: i64,
    #[record(no_select)]
    user_id: i64,
    kind: String,
    data: String,
    created_at: i64,
    #[record(no_insert)]
    read_at: Option<i64>,
    seq: i64,
}

impl NotificationRow {
    fn new(user: UserId, notification: &Notification) -> Self {
        Self {
            id: notification.id.get(),
            user_id: user.get(),
            kind: notification.kind.clone(),
            data: notification.data.as_str().to_owned(),
            created_at: micros(notification.created_at),
            read_at: None,
            seq: notification.seq.cast_signed(),
        }
    }

    fn read(self) -> Result<Notification> {
        Ok(Notification {
            id: self.id.into(),
            kind: self.kind,
            data: JsonObject::parse(&self.data)?,
            created_at: timestamp(self.created_at)?,
            read_at: self.read_at.map(timestamp).transpose()?,
            seq: self.seq.cast_unsigned(),
        })
    }
}

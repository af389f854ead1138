//! Users, and ownership of other rows.

use std::collections::{HashMap, HashSet};

use superbot_domain::{UserId, UserRole, Username};
use superbot_store::{ImportedUser, UserImport};

use super::error::Result;
use super::file::OldRow;
use super::report::{ImportNote, ImportOutcome};
use super::{ImportRun, RefusedRow};

const TABLE: &str = "users";
const COLUMNS: &[&str] = &["id", "username", "password", "password_hash", "role", "is_admin", "active", "created_at"];

/// Password hash of users without a usable one; not a valid hash, so no password matches.
const CLOSED: &str = "!";

const WHY_KNOWN: &str = "exists already; the user's other data is added, password and role are kept";

/// Users to whom rows of the old database may belong.
#[derive(Default)]
pub(super) struct OwnerTable {
    /// By name exactly as in the old program, which distinguished names that are equal here.
    names: HashMap<String, UserId>,
    numbers: HashMap<i64, UserId>,
    /// Users of this store by key of their names, for a file without users.
    here: HashMap<String, UserId>,
}

struct OldUser {
    row: OldRow,
    /// The name exactly as in the old program.
    spelt: String,
    user: ImportedUser,
    notes: Vec<ImportNote>,
}

impl OwnerTable {
    /// Returns the column that identifies the owner of a row.
    pub(super) fn column(row: &OldRow) -> &'static str {
        if row.cell("username").text() == Ok(None) { "user_id" } else { "username" }
    }

    /// Returns the owner of a row, which the old program identified by name or by id.
    pub(super) fn of(&self, row: &OldRow) -> Result<UserId, (&'static str, String)> {
        let field = Self::column(row);
        let cell = row.cell(field);
        let found = match cell.text() {
            Ok(Some(name)) => self.named(&name).or_else(|| self.numbers.get(&cell.integer()?).copied()),
            _ => None,
        };
        found.ok_or_else(|| (field, "is not an imported user".to_owned()))
    }

    fn named(&self, name: &str) -> Option<UserId> {
        let here = || self.here.get(&Username::parse(name).ok()?.key());
        self.names.get(name).or_else(here).copied()
    }
}

impl ImportRun<'_> {
    pub(super) async fn users(&mut self) -> Result<OwnerTable> {
        let mut owners = OwnerTable::default();
        if !self.file.has(TABLE) {
            // Owners of other rows are then looked up among the users of this store.
            let here = self.store.users().list().await?;
            owners.here = here.into_iter().map(|user| (user.username.key(), user.id)).collect();
            return Ok(owners);
        }
        let mut names = HashSet::new();
        let mut rows = self.open(TABLE, COLUMNS, None).await?;
        loop {
            let batch = rows.next_batch().await?;
            if batch.is_empty() {
                return Ok(owners);
            }
            self.progress(batch.len());
            let mut users = Vec::with_capacity(batch.len());
            for row in batch {
                match self.read_user(row, &mut names) {
                    Ok(user) => users.push(user),
                    Err(notes) => self.report.refuse(TABLE, notes),
                }
            }
            let imported = self.store.imports().users(users.iter().map(|old| old.user.clone()).collect()).await?;
            for (user, UserImport { id, is_new }) in users.into_iter().zip(imported) {
                self.report.count(TABLE, is_new);
                let known = || ImportNote::new(ImportOutcome::Noted, TABLE, &user.row, "username", WHY_KNOWN);
                let notes = if is_new { user.notes } else { vec![known()] };
                self.report.note(notes);
                owners.numbers.extend(user.row.cell("id").integer().map(|number| (number, id)));
                owners.names.insert(user.spelt, id);
            }
        }
    }

    fn read_user(&self, row: OldRow, names: &mut HashSet<String>) -> RefusedRow<OldUser> {
        let refused = |field, why: String| vec![ImportNote::new(ImportOutcome::Refused, TABLE, &row, field, why)];
        let text = row.cell("username").text().map_err(|why| refused("username", why))?.unwrap_or_default();
        let name = Username::parse(&text).map_err(|error| refused("username", error.to_string()))?;
        // The old program distinguished names by case; here they would be one account.
        if !names.insert(name.key()) {
            let why = "equals an earlier user's name apart from case; rename one of the two first";
            return Err(refused("username", why.to_owned()));
        }
        let mut notes = Vec::new();
        let mut changed =
            |field, why: String| notes.push(ImportNote::new(ImportOutcome::Changed, TABLE, &row, field, why));
        let role = role(&row, &mut changed);
        let active = row.cell("active").flag().unwrap_or_else(|why| {
            changed("active", format!("{why}; the account is disabled"));
            Some(false)
        });
        let created_at = row.cell("created_at").time().unwrap_or_else(|why| {
            changed("created_at", why);
            None
        });
        let field = if row.cell("password").text() == Ok(None) { "password_hash" } else { "password" };
        // Supported hashes are kept, and replaced by a stronger one at the next login.
        let hash = row.cell(field).text().ok().flatten().filter(|hash| (self.options.can_check)(hash));
        if hash.is_none() {
            let how = format!("superbot user reset-link {:?}", name.as_str());
            changed(field, format!("has an unsupported hash; create a link for a new password: {how}"));
        }
        let password_hash = hash.unwrap_or_else(|| CLOSED.to_owned());
        let user = ImportedUser { name, role, password_hash, disabled: active == Some(false), created_at };
        Ok(OldUser { row, spelt: text, user, notes })
    }
}

fn role(row: &OldRow, changed: &mut impl FnMut(&'static str, String)) -> UserRole {
    // Versions of the old program used either column.
    if row.cell("is_admin").flag() == Ok(Some(true)) {
        return UserRole::Admin;
    }
    match row.cell("role").text() {
        Ok(None) => UserRole::User,
        Ok(Some(role)) => role.to_ascii_lowercase().parse().unwrap_or_else(|_| {
            changed("role", "is not a role; imported as user".to_owned());
            UserRole::User
        }),
        Err(why) => {
            changed("role", format!("{why}; imported as user"));
            UserRole::User
        }
    }
}

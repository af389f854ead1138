//! Users' preferences, an arbitrary JSON object.

use serde_json::{Map, Value};
use superbot_domain::{InvalidFields, UserId};

use crate::error::{Result, StoreError};
use crate::handles::UserStore;
use crate::sql::{self, SqlConn};

const MAX_BYTES: usize = 16 * 1024;

impl UserStore<'_> {
    /// Returns a user's preferences; `None` if the user does not exist.
    pub async fn preferences(self, user: UserId) -> Result<Option<Value>> {
        read(&mut self.store.reader().await?, user).await
    }

    /// Applies a JSON merge patch (RFC 7396) to a user's preferences and returns the result.
    ///
    /// `None` if the user does not exist.
    pub async fn update_preferences(self, user: UserId, patch: Value) -> Result<Option<Value>> {
        if !patch.is_object() {
            return Err(InvalidFields::one("", "give a JSON object: fields are replaced, and removed by null").into());
        }
        self.store
            .write(async move |tx| {
                let Some(mut preferences) = read(&mut tx.conn, user).await? else { return Ok(None) };
                merge(&mut preferences, patch);
                let text = preferences.to_string();
                // Checked after the merge: many small patches must not exceed the limit together.
                if text.len() > MAX_BYTES {
                    let message = format!("would be {} bytes of JSON; at most {MAX_BYTES} are kept", text.len());
                    return Err(InvalidFields::one("", message).into());
                }
                let update = sql::query("UPDATE users SET preferences = $1 WHERE id = $2");
                update.bind(text).bind(user.get()).execute(&mut tx.conn).await?;
                Ok(Some(preferences))
            })
            .await
    }
}

async fn read(conn: &mut SqlConn, user: UserId) -> Result<Option<Value>> {
    let text: Option<String> =
        sql::query_scalar("SELECT preferences FROM users WHERE id = $1").bind(user.get()).fetch_optional(conn).await?;
    let read = |text: String| serde_json::from_str(&text).map_err(StoreError::corrupt);
    text.map(read).transpose()
}

/// Implements RFC 7396, section 2. The recursion is bounded by the nesting limit of the JSON parser.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(target) = target.as_object_mut() else { return };
    for (field, value) in patch {
        if value.is_null() {
            target.remove(&field);
        } else {
            merge(target.entry(field).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_examples_of_the_rfc_hold() {
        for (mut original, patch, expected) in [
            (json!({ "a": "b" }), json!({ "a": "c" }), json!({ "a": "c" })),
            (json!({ "a": "b" }), json!({ "b": "c" }), json!({ "a": "b", "b": "c" })),
            (json!({ "a": "b", "b": "c" }), json!({ "a": null }), json!({ "b": "c" })),
            (json!({ "a": ["b"] }), json!({ "a": "c" }), json!({ "a": "c" })),
            (json!({ "a": { "b": "c" } }), json!({ "a": { "b": "d", "c": null } }), json!({ "a": { "b": "d" } })),
            (json!({ "a": [1] }), json!({ "a": { "bb": { "ccc": null } } }), json!({ "a": { "bb": {} } })),
            (json!({ "e": null }), json!({ "a": 1 }), json!({ "e": null, "a": 1 })),
        ] {
            merge(&mut original, patch);
            assert_eq!(original, expected);
        }
    }
}
